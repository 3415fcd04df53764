// One whole TopK training step in float64: loss, gradients, projection, Adam, unit rows, counters.
// The specification of src/gpu/saeTrainer.ts; slow on purpose.
import { learningRate } from '../sae';
import type { Calibration, SaeConfig } from '../sae';
import { deadLatents } from '../trainerState';
import type { StepMetrics, TrainerState } from '../trainerState';
import { saeGradientsReference } from './saeGradients';
import { saeLossReference } from './saeLoss';
import type { LossShape, LossTrace, Params64 } from './saeLoss';

const PARAMETERS = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;

/** TrainerState in float64. */
export type TrainerState64 = {
  step: number;
  params: Params64;
  m: Params64;
  v: Params64;
  tokensSinceFired: Uint32Array;
};

export type StepReference = {
  state: TrainerState64;
  metrics: Omit<StepMetrics, 'overflowRows' | 'nanCount'>;
  /** as handed to Adam: decoder rows projected */
  gradients: Params64;
  trace: LossTrace;
};

/** x: [batchSize, d_in] in x units. The given state is left as it is. */
export function saeTrainStepReference(
  state: TrainerState64,
  x: ArrayLike<number>,
  config: SaeConfig,
  calibration: Pick<Calibration, 'variance'>,
): StepReference {
  const shape = lossShape(config, calibration);
  const dead = config.auxKScale > 0 ? currentDead(state, config) : new Uint32Array(0);
  const trace = saeLossReference(state.params, x, dead, shape);
  const gradients = saeGradientsReference(state.params, trace, dead, shape);
  projectRows(gradients.W_dec, state.params.W_dec, config.d_in);
  const next = adamStep(state, gradients, config);
  normaliseRows(next.params.W_dec, config.d_in);
  next.tokensSinceFired = countSilence(state.tokensSinceFired, trace.f, config);
  const metrics = {
    step: state.step,
    loss: trace.loss,
    mse: trace.mse,
    l0: trace.f.reduce((count, act) => count + (act > 0 ? 1 : 0), 0) / config.batchSize,
    explainedVariance: 1 - trace.mse / calibration.variance,
    auxLoss: trace.auxLoss,
    deadCount: currentDead(next, config).length,
    auxSilent: dead.length === 0 ? 0 : silentRows(trace.a, config),
  };
  return { state: next, metrics, gradients, trace };
}

export function toTrainerState64(state: TrainerState): TrainerState64 {
  const widen = (pick: (name: (typeof PARAMETERS)[number]) => Float32Array): Params64 => ({
    W_enc: Float64Array.from(pick('W_enc')),
    b_enc: Float64Array.from(pick('b_enc')),
    W_dec: Float64Array.from(pick('W_dec')),
    b_dec: Float64Array.from(pick('b_dec')),
  });
  return {
    step: state.step,
    params: widen((name) => state[name]),
    m: widen((name) => state.adam[name].m),
    v: widen((name) => state.adam[name].v),
    tokensSinceFired: state.tokensSinceFired.slice(),
  };
}

function lossShape(config: SaeConfig, calibration: Pick<Calibration, 'variance'>): LossShape {
  const { d_in, d_sae, k, auxKScale, k_aux, applyBDecToInput } = config;
  const { variance } = calibration;
  return { d_in, d_sae, k, rows: config.batchSize, variance, auxKScale, k_aux, applyBDecToInput };
}

/** g −= (g·ŵ)ŵ for every row: the part of the gradient that would change the row's norm goes. */
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
  };
  for (const name of PARAMETERS) {
    const [p, m, v] = [next.params[name], next.m[name], next.v[name]];
    for (const [i, g] of gradients[name].entries()) {
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

function silentRows(a: Float64Array, { batchSize, d_sae }: SaeConfig): number {
  let silent = 0;
  for (let row = 0; row < batchSize; row++) {
    if (a.subarray(row * d_sae, (row + 1) * d_sae).every((act) => act === 0)) silent++;
  }
  return silent;
}

function currentDead(state: TrainerState64, config: SaeConfig): Uint32Array {
  return deadLatents(state.tokensSinceFired, config.deadAfterTokens);
}

function copy(params: Params64): Params64 {
  const { W_enc, b_enc, W_dec, b_dec } = params;
  return {
    W_enc: W_enc.slice(),
    b_enc: b_enc.slice(),
    W_dec: W_dec.slice(),
    b_dec: b_dec.slice(),
  };
}
