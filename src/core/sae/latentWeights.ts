// One latent's own weights, out of the matrices of all.
import type { SaeParams } from './sae';

/** Row `latent` of W_dec, [d_in]: a view, not a copy. */
export function decoderRow(
  { W_dec, d_in }: Pick<SaeParams, 'W_dec' | 'd_in'>,
  latent: number,
): Float32Array {
  return W_dec.subarray(latent * d_in, (latent + 1) * d_in);
}

/** Column `latent` of W_enc, [d_in], copied: it does not lie in one piece. */
export function encoderColumn(
  { W_enc, d_in, d_sae }: Pick<SaeParams, 'W_enc' | 'd_in' | 'd_sae'>,
  latent: number,
): Float32Array {
  return Float32Array.from({ length: d_in }, (_, i) => W_enc[i * d_sae + latent]!);
}
