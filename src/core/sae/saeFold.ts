// Folding (sae.md §9): moves an SAE from the units it was trained in to the units of the model, so that
// readers of the parameters can ignore the input scale and the decoder norms.
import { ConfigError } from '../errors';
import { norm } from '../numeric/vectors';
import { decoderRow } from './latentWeights';
import type { Calibration, SaeParams, TopKParams } from './sae';

/** How what is read, and what is rebuilt, was scaled; without the second the input is rebuilt. */
type Scales = Pick<Calibration, 'inputScale' | 'outputScale'>;

/** Step 1. In: parameters for x = inputScale · saeIn that rebuild outputScale · y. Out: parameters for saeIn
 *  and y themselves; preActs and the kept latents are unchanged; b_enc, thresholds and gate stay. Throws
 *  ConfigError unless the scales are finite and above 0. */
export function foldInputScale<P extends SaeParams>(params: P, scales: Scales): P {
  const { inputScale, outputScale = inputScale } = scales;
  for (const [name, scale] of Object.entries({ inputScale, outputScale })) {
    if (scale > 0 && Number.isFinite(scale)) continue;
    throw new ConfigError(`${name} must be finite and above 0: ${scale}`, name);
  }
  return {
    ...params,
    W_enc: params.W_enc.map((w) => w * inputScale),
    W_dec: params.W_dec.map((w) => w / outputScale),
    b_dec: params.b_dec.map((b) => b / outputScale),
  };
}

/** Step 2: rows of W_dec become unit vectors and latentActs are multiplied by their norm, together with all
 *  values compared with or added to them. TopK keeps the same latents only if it selected by h·n
 *  (`rescale_acts_by_decoder_norm`) or all norms are equal; otherwise use foldNormKeepingSelection. A zero
 *  row, which contributes nothing, stays zero and its latent silent. */
export function foldDecoderNorm<P extends SaeParams>(params: P): P {
  const norms = decoderNorms(params);
  const { d_sae } = params;
  const scaled = (values: Float32Array) => values.map((value, latent) => value * norms[latent]!);
  return {
    ...params,
    W_enc: params.W_enc.map((w, index) => w * norms[index % d_sae]!),
    b_enc: scaled(params.b_enc),
    W_dec: unitRows(params, norms),
    ...foldedActivation(params, scaled),
  };
}

/** Step 2 of a TopK that selects by h whatever its norms: the encoder and with it the selection stay as they
 *  are, and the norms become factors of the activations. f·n·ŵ = f·w: saeOut is unchanged. */
export function foldNormKeepingSelection(params: TopKParams): TopKParams {
  const norms = decoderNorms(params);
  return { ...params, W_dec: unitRows(params, norms), actScale: Float32Array.from(norms) };
}

function unitRows({ W_dec, d_in }: SaeParams, norms: Float64Array): Float32Array {
  return W_dec.map((w, index) => {
    const norm = norms[Math.floor(index / d_in)]!;
    return norm === 0 ? 0 : w / norm;
  });
}

function foldedActivation(params: SaeParams, scaled: (values: Float32Array) => Float32Array) {
  switch (params.architecture) {
    case 'topk':
    case 'relu':
      return {};
    case 'jumprelu':
      return { threshold: scaled(params.threshold) };
    case 'gated':
      return { b_gate: scaled(params.b_gate), b_mag: scaled(params.b_mag) };
    default:
      return params satisfies never;
  }
}

/** Both steps: what export, dashboards and steering use. TopK must have been trained with unit norms. */
export function foldSae<P extends SaeParams>(params: P, scales: Scales): P {
  return foldDecoderNorm(foldInputScale(params, scales));
}

/** n_i = ‖W_dec[i]‖₂, [d_sae], in f64. */
export function decoderNorms(params: Pick<SaeParams, 'd_in' | 'd_sae' | 'W_dec'>): Float64Array {
  return Float64Array.from({ length: params.d_sae }, (_, latent) =>
    norm(decoderRow(params, latent)),
  );
}
