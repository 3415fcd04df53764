// Reconstruction of an unfolded SAE in float64 by its inference rule: encode, select, decode.
import { activeRowReference } from '../../../src/core/reference/activeRow';
import { scaleCodeReference } from '../../../src/core/reference/scaleCode';
import { topkReference } from '../../../src/core/reference/topkRow';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../../src/core/sae/sae';

/** saeIn: [tokens, d_in], model units; params in x = inputScale · saeIn units. */
export function reconstruct(
  params: SaeParams,
  saeIn: Float32Array,
  inputScale: number,
): { saeOut: Float64Array; l0: number } {
  const { d_in, W_dec, b_dec } = params;
  const tokens = saeIn.length / d_in;
  const saeOut = new Float64Array(saeIn.length);
  let active = 0;
  for (let t = 0; t < tokens; t++) {
    const x = Float64Array.from(saeIn.subarray(t * d_in, (t + 1) * d_in), (v) => v * inputScale);
    const out = Float64Array.from(b_dec);
    const code = encodeToken(params, x);
    for (const [slot, latent] of code.latentIndices.entries()) {
      if (latent === EMPTY_SLOT) continue;
      active++;
      const act = code.latentActs[slot]!;
      for (let i = 0; i < d_in; i++) out[i]! += act * W_dec[latent * d_in + i]!;
    }
    for (let i = 0; i < d_in; i++) saeOut[t * d_in + i] = out[i]! / inputScale;
  }
  return { saeOut, l0: active / tokens };
}

/** Code of one token x, [d_in], in the units of the parameters: pre-activations in float64. */
export function encodeToken(params: SaeParams, x: ArrayLike<number>): SparseCode {
  const { d_in, d_sae, W_enc, b_enc, b_dec } = params;
  const h = Float64Array.from(b_enc);
  for (let i = 0; i < d_in; i++) {
    const xc = x[i]! - (params.applyBDecToInput ? b_dec[i]! : 0);
    for (let latent = 0; latent < d_sae; latent++) h[latent]! += xc * W_enc[i * d_sae + latent]!;
  }
  return codeOf(params, Float32Array.from(h));
}

function codeOf(params: SaeParams, h: Float32Array): SparseCode {
  if (params.architecture !== 'topk') return activeRowReference(h, params);
  const { d_sae, k, actScale } = params;
  const code = topkReference(h, { rows: 1, d_sae, k });
  return actScale === undefined ? code : scaleCodeReference(code, actScale);
}
