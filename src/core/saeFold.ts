// Folding (sae.md §9): moves an SAE from the units it was trained in to the units of the model, so that
// every reader of the parameters may forget the input scale and the decoder norms. TopK only.
import { ConfigError } from './errors';
import type { SaeParams } from './sae';

/** Step 1. In: parameters for x = inputScale · saeIn. Out: parameters for saeIn itself; preActs and the
 *  kept latents are unchanged, b_enc stays. Throws ConfigError unless inputScale is finite and above 0. */
export function foldInputScale(params: SaeParams, inputScale: number): SaeParams {
  if (!(inputScale > 0 && Number.isFinite(inputScale))) {
    throw new ConfigError(`inputScale must be finite and above 0: ${inputScale}`, 'inputScale');
  }
  return {
    ...params,
    W_enc: params.W_enc.map((w) => w * inputScale),
    W_dec: params.W_dec.map((w) => w / inputScale),
    b_dec: params.b_dec.map((b) => b / inputScale),
  };
}

/** Step 2: rows of W_dec become unit vectors, latentActs take up their norm. Keeps the same latents only
 *  where TopK selected by h·n (`rescale_acts_by_decoder_norm`) or all norms are equal. A zero row, which
 *  contributes nothing, stays zero and its latent silent. */
export function foldDecoderNorm(params: SaeParams): SaeParams {
  const norms = decoderNorms(params);
  const { d_sae } = params;
  return {
    ...params,
    W_enc: params.W_enc.map((w, at) => w * norms[at % d_sae]!),
    b_enc: params.b_enc.map((b, latent) => b * norms[latent]!),
    W_dec: params.W_dec.map((w, at) => {
      const norm = norms[Math.floor(at / params.d_in)]!;
      return norm === 0 ? 0 : w / norm;
    }),
  };
}

/** Both steps, for a TopK SAE trained with unit norms: what export, dashboards and steering use. */
export function foldSae(params: SaeParams, inputScale: number): SaeParams {
  return foldDecoderNorm(foldInputScale(params, inputScale));
}

/** n_i = ‖W_dec[i]‖₂, [d_sae], in f64. */
export function decoderNorms(params: Pick<SaeParams, 'd_in' | 'd_sae' | 'W_dec'>): Float64Array {
  const norms = new Float64Array(params.d_sae);
  for (let latent = 0; latent < params.d_sae; latent++) {
    let sum = 0;
    for (let d = 0; d < params.d_in; d++) sum += params.W_dec[latent * params.d_in + d]! ** 2;
    norms[latent] = Math.sqrt(sum);
  }
  return norms;
}
