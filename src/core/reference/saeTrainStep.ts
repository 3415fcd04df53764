// One whole training step of any architecture in float64: loss and gradients from its own reference, then
// projection, clipping, Adam, unit rows, counters. The specification of src/gpu/saeTrainer.ts; slow.
import { hasUnitDecoder } from '../sae/architecture';
import { CLIP_EPS } from '../train/denseLoss';
import { learningRate } from '../sae/sae';
import type { Calibration, SaeConfig } from '../sae/sae';
import { deadLatents } from '../train/trainerState';
import type { AdamMoments, StepMetrics, TrainedVector, TrainerState } from '../train/trainerState';
import type { BatchReference, LossAndGradients, TrainerState64 } from './architectureReference';
import { denseStepReference } from './denseStep';
import { levelsStepReference } from './levelsStep';
import type { Params64 } from './saeLoss';
import { topkStepReference } from './topkStep';

export type StepReference = {
  state: TrainerState64;
  metrics: Omit<StepMetrics, 'overflowRows' | 'nanCount'>;
  /** as passed to Adam: decoder rows projected, clipped */
  gradients: Params64;
};

/** x: [batchSize, d_in] in x units; y: a transcoder's target, the same in y units. The given state is not
 *  changed. */
export function saeTrainStepReference(
  state: TrainerState64,
  x: ArrayLike<number>,
  config: SaeConfig,
  calibration: Pick<Calibration, 'variance'>,
  y?: ArrayLike<number>,
): StepReference {
  const dead = currentDead(state, config);
  const batch = lossAndGradients({ state, x, ...(y && { y }), config, calibration, dead });
  const { gradients } = batch;
  const isUnit = hasUnitDecoder(config);
  if (isUnit) projectRows(gradients.W_dec, state.params.W_dec, config.d_in);
  if ('clipNorm' in config) clip(gradients, config.clipNorm);
  const next = adamStep(state, gradients, config);
  if (isUnit) normaliseRows(next.params.W_dec, config.d_in);
  next.tokensSinceFired = countSilence(state.tokensSinceFired, batch.f, config);
  next.running = batch.running;
  const { loss, mse, auxLoss, sparsityLoss, auxSilent } = batch;
  const metrics = {
    step: state.step,
    loss,
    mse,
    l0: batch.f.reduce((count, act) => count + (act > 0 ? 1 : 0), 0) / config.batchSize,
    explainedVariance: 1 - mse / calibration.variance,
    auxLoss,
    sparsityLoss,
    deadCount: currentDead(next, config).length,
    auxSilent,
  };
  return { state: next, metrics, gradients };
}

/** The one place that names each architecture's reference. */
function lossAndGradients(o: BatchReference<SaeConfig>): LossAndGradients {
  const { config } = o;
  switch (config.architecture) {
    case 'topk':
    case 'transcoder':
      return topkStepReference({ ...o, config });
    case 'batchtopk':
    case 'matryoshka':
      return levelsStepReference({ ...o, config });
    case 'relu':
    case 'gated':
    case 'jumprelu':
      return denseStepReference({ ...o, config });
  }
}

export function toTrainerState64(state: TrainerState): TrainerState64 {
  const { adam } = state;
  const extra = Object.entries(state.extra);
  const widen = (own: Params32, ofExtra: (vector: TrainedVector) => Float32Array) => ({
    W_enc: Float64Array.from(own.W_enc),
    b_enc: Float64Array.from(own.b_enc),
    W_dec: Float64Array.from(own.W_dec),
    b_dec: Float64Array.from(own.b_dec),
    ...Object.fromEntries(extra.map(([name, v]) => [name, Float64Array.from(ofExtra(v))])),
  });
  const moments = (which: keyof AdamMoments): Params32 => ({
    W_enc: adam.W_enc[which],
    b_enc: adam.b_enc[which],
    W_dec: adam.W_dec[which],
    b_dec: adam.b_dec[which],
  });
  return {
    step: state.step,
    params: widen(state, (vector) => vector.values),
    m: widen(moments('m'), (vector) => vector.m),
    v: widen(moments('v'), (vector) => vector.v),
    tokensSinceFired: state.tokensSinceFired.slice(),
    running: Float64Array.from(state.running),
  };
}

type Params32 = Pick<TrainerState, 'W_enc' | 'b_enc' | 'W_dec' | 'b_dec'>;

/** The parameters' names, in a fixed order. */
function namesOf(params: Params64): (keyof Params64)[] {
  return Object.keys(params) as (keyof Params64)[];
}

/** Scales all gradients down to a global norm of at most `most` (0: never), as torch's clip_grad_norm_. */
function clip(gradients: Params64, most: number): void {
  if (most === 0) return;
  let squares = 0;
  for (const name of namesOf(gradients)) for (const g of gradients[name]!) squares += g * g;
  const factor = Math.min(1, most / (Math.sqrt(squares) + CLIP_EPS));
  for (const name of namesOf(gradients)) {
    const values = gradients[name]!;
    for (let i = 0; i < values.length; i++) values[i]! *= factor;
  }
}

/** g −= (g·ŵ)ŵ for every row: removes the part of the gradient that would change the row's norm. */
export function projectRows(gradient: Float64Array, weights: Float64Array, cols: number): void {
  for (let base = 0; base < weights.length; base += cols) {
    let along = 0;
    let norm2 = 0;
    for (let i = base; i < base + cols; i++) {
      along += gradient[i]! * weights[i]!;
      norm2 += weights[i]! ** 2;
    }
    for (let i = base; i < base + cols; i++) gradient[i]! -= (along / norm2) * weights[i]!;
  }
}

function adamStep(state: TrainerState64, gradients: Params64, config: SaeConfig): TrainerState64 {
  const { adamBeta1: beta1, adamBeta2: beta2, adamEps: eps } = config;
  const lr = learningRate(config, state.step);
  const count = state.step + 1;
  const next: TrainerState64 = {
    step: count,
    params: copy(state.params),
    m: copy(state.m),
    v: copy(state.v),
    tokensSinceFired: state.tokensSinceFired,
    running: state.running,
  };
  for (const name of namesOf(next.params)) {
    const [p, m, v] = [next.params[name]!, next.m[name]!, next.v[name]!];
    for (const [i, g] of gradients[name]!.entries()) {
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const mHat = m[i] / (1 - beta1 ** count);
      const vHat = v[i] / (1 - beta2 ** count);
      p[i]! -= (lr * mHat) / (Math.sqrt(vHat) + eps);
    }
  }
  return next;
}

function normaliseRows(weights: Float64Array, cols: number): void {
  for (let base = 0; base < weights.length; base += cols) {
    const norm = Math.hypot(...weights.subarray(base, base + cols));
    for (let i = base; i < base + cols; i++) weights[i]! /= norm;
  }
}

function countSilence(before: Uint32Array, f: Float64Array, config: SaeConfig): Uint32Array {
  const fired = new Set<number>();
  for (const [i, act] of f.entries()) if (act > 0) fired.add(i % config.d_sae);
  return before.map((tokens, latent) => (fired.has(latent) ? 0 : tokens + config.batchSize));
}

function currentDead(state: TrainerState64, config: SaeConfig): Uint32Array {
  return deadLatents(state.tokensSinceFired, config.deadAfterTokens);
}

function copy(params: Params64): Params64 {
  const entries = namesOf(params).map((name) => [name, params[name]!.slice()]);
  return Object.fromEntries(entries) as Params64;
}
