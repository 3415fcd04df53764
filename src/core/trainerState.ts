// All that a training run must keep to go on bit for bit, as plain arrays, and its first value.
// W_enc and W_dec are latent-major here, [d_sae, d_in], as on the GPU; `SaeParams` is the public shape.
import { makeRng } from './rng';
import type { Calibration, SaeConfig, SaeParams } from './sae';

/** First and second moment of Adam, shaped as their parameter. */
export type AdamMoments = { m: Float32Array; v: Float32Array };

export type TrainerState = {
  /** steps done */
  step: number;
  /** [d_sae, d_in]: row = the direction that a latent reads (the transpose of SaeParams.W_enc) */
  W_enc: Float32Array;
  /** [d_sae, d_in]: row = the direction that a latent writes, unit norm */
  W_dec: Float32Array;
  /** [d_sae] */
  b_enc: Float32Array;
  /** [d_in], in x units */
  b_dec: Float32Array;
  adam: { W_enc: AdamMoments; W_dec: AdamMoments; b_enc: AdamMoments; b_dec: AdamMoments };
  /** [d_sae]; dead where at least deadAfterTokens. AuxK of the next step works on that set. */
  tokensSinceFired: Uint32Array;
};

/** What one step says of itself. `step` counts from 0. */
export type StepMetrics = {
  step: number;
  /** mse / V + auxLoss */
  loss: number;
  /** mean over tokens of Σ_d e², x units */
  mse: number;
  /** mean non-zero latents per token */
  l0: number;
  /** 1 − mse / V, on this batch */
  explainedVariance: number;
  /** α · mean ‖ê − e‖² / v; 0 without dead latents */
  auxLoss: number;
  /** latents with tokensSinceFired ≥ deadAfterTokens after this step */
  deadCount: number;
  /** tokens on which no dead latent had a positive pre-activation; 0 without dead latents */
  auxSilent: number;
  /** rows whose TopK took the slow, equally exact way */
  overflowRows: number;
  /** NaNs among the pre-activations */
  nanCount: number;
};

/** Rows of W_dec random with unit norm, W_enc its copy, b_enc 0, b_dec the sample mean (sae.md §2). */
export function initTrainerState(config: SaeConfig, calibration: Calibration): TrainerState {
  const { d_in, d_sae } = config;
  const W_dec = randomUnitRows(d_sae, d_in, config.seed);
  return {
    step: 0,
    W_enc: W_dec.slice(),
    W_dec,
    b_enc: new Float32Array(d_sae),
    b_dec: calibration.mean.slice(),
    adam: {
      W_enc: zeroMoments(d_sae * d_in),
      W_dec: zeroMoments(d_sae * d_in),
      b_enc: zeroMoments(d_sae),
      b_dec: zeroMoments(d_in),
    },
    tokensSinceFired: new Uint32Array(d_sae),
  };
}

/** Parameters as SAELens shapes them (W_enc [d_in, d_sae]), still in x units: fold before export. */
export function trainerStateParams(state: TrainerState, config: SaeConfig): SaeParams {
  const { d_in, d_sae, k, applyBDecToInput } = config;
  const W_enc = new Float32Array(d_in * d_sae);
  for (let latent = 0; latent < d_sae; latent++) {
    for (let i = 0; i < d_in; i++) W_enc[i * d_sae + latent] = state.W_enc[latent * d_in + i]!;
  }
  const { b_enc, W_dec, b_dec } = state;
  return { d_in, d_sae, k, W_enc, b_enc, W_dec, b_dec, applyBDecToInput };
}

/** Indices with tokensSinceFired ≥ deadAfterTokens, ascending. */
export function deadLatents(tokensSinceFired: Uint32Array, deadAfterTokens: number): Uint32Array {
  const dead: number[] = [];
  for (const [latent, tokens] of tokensSinceFired.entries()) {
    if (tokens >= deadAfterTokens) dead.push(latent);
  }
  return Uint32Array.from(dead);
}

/** Names of the tensors with a value that is NaN or infinite, as in "adam.W_enc.v". */
export function nonFiniteTensors(state: object, prefix = ''): string[] {
  return Object.entries(state).flatMap(([name, value]: [string, unknown]) => {
    if (value instanceof Float32Array) {
      return value.every(Number.isFinite) ? [] : [prefix + name];
    }
    if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) return [];
    return nonFiniteTensors(value, `${prefix}${name}.`);
  });
}

function zeroMoments(length: number): AdamMoments {
  return { m: new Float32Array(length), v: new Float32Array(length) };
}

function randomUnitRows(rows: number, cols: number, seed: number): Float32Array {
  const rng = makeRng(seed, INIT_STREAM);
  const out = new Float32Array(rows * cols);
  const row = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    let sumOfSquares = 0;
    for (let c = 0; c < cols; c++) {
      row[c] = rng.normal();
      sumOfSquares += row[c]! ** 2;
    }
    const scale = 1 / Math.sqrt(sumOfSquares);
    for (let c = 0; c < cols; c++) out[r * cols + c] = row[c]! * scale;
  }
  return out;
}

/** Stream of the seed's random numbers that belongs to the initial weights. */
const INIT_STREAM = 0x5ae0;
