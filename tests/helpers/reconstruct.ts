// Reconstruction of an unfolded TopK SAE in float64: encode, keep k, decode.
import type { SaeParams } from '../../src/core/sae';

/** saeIn: [tokens, d_in], model units; params in x = inputScale · saeIn units. */
export function reconstruct(
  params: SaeParams,
  saeIn: Float32Array,
  inputScale: number,
): { saeOut: Float64Array; l0: number } {
  const { d_in, d_sae, k, W_enc, b_enc, W_dec, b_dec } = params;
  const tokens = saeIn.length / d_in;
  const saeOut = new Float64Array(saeIn.length);
  let active = 0;
  for (let t = 0; t < tokens; t++) {
    const h = Float64Array.from(b_enc);
    for (let i = 0; i < d_in; i++) {
      const shift = params.applyBDecToInput ? b_dec[i]! : 0;
      const xc = saeIn[t * d_in + i]! * inputScale - shift;
      for (let latent = 0; latent < d_sae; latent++) h[latent]! += xc * W_enc[i * d_sae + latent]!;
    }
    const kept = [...h.keys()].sort((p, q) => h[q]! - h[p]! || p - q).slice(0, k);
    const out = Float64Array.from(b_dec);
    for (const latent of kept.filter((l) => h[l]! > 0)) {
      active++;
      for (let i = 0; i < d_in; i++) out[i]! += h[latent]! * W_dec[latent * d_in + i]!;
    }
    for (let i = 0; i < d_in; i++) saeOut[t * d_in + i] = out[i]! / inputScale;
  }
  return { saeOut, l0: active / tokens };
}
