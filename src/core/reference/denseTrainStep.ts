// One whole training step of ReLU-L1, Gated or JumpReLU in float64: loss, gradients, projection, clip,
// Adam, unit rows, counters. The specification of the dense kernels; slow on purpose.
import { CLIP_EPS } from '../denseLoss';
import { denseGradientsReference } from './denseGradients';
import {
  denseLossReference,
  sumOfSquares,
  type DenseParams64,
  type DenseShape,
  type DenseTrace,
} from './denseLoss';
import { projectRows } from './saeTrainStep';

export type DenseState64 = {
  /** steps done */
  step: number;
  params: DenseParams64;
  m: DenseParams64;
  v: DenseParams64;
  tokensSinceFired: Uint32Array;
};

export type DenseOptimiser = {
  /** rows of W_dec: 'unit' is kept by projection and renormalisation */
  decoderNorm: 'unit' | 'free';
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  deadAfterTokens: number;
  /** 0 turns the clip off */
  clipNorm: number;
};

export type DenseStepReference = {
  state: DenseState64;
  trace: DenseTrace;
  /** as handed to Adam: projected and clipped */
  gradients: DenseParams64;
  /** global norm after projection, before the clip */
  gradientNorm: number;
};

/** x: [rows, d_in] in x units. The given state is left as it is. */
export function denseTrainStepReference(
  state: DenseState64,
  x: ArrayLike<number>,
  shape: DenseShape,
  optimiser: DenseOptimiser,
): DenseStepReference {
  const dead = Array.from(state.tokensSinceFired, (since) => since >= optimiser.deadAfterTokens);
  const trace = denseLossReference(state.params, x, dead, shape);
  const raw = denseGradientsReference(state.params, trace, dead, shape);
  if (optimiser.decoderNorm === 'unit') projectRows(raw.W_dec, state.params.W_dec, shape.d_in);
  const { gradients, gradientNorm } = clip(raw, optimiser.clipNorm);
  const next = adamStep(state, gradients, optimiser);
  if (optimiser.decoderNorm === 'unit') normaliseRows(next.params.W_dec, shape.d_in);
  next.tokensSinceFired = countSilence(state.tokensSinceFired, trace.f, shape);
  return { state: next, trace, gradients, gradientNorm };
}

export function entriesOf(params: DenseParams64): [keyof DenseParams64, Float64Array][] {
  return Object.entries(params) as [keyof DenseParams64, Float64Array][];
}

function clip(gradients: DenseParams64, clipNorm: number) {
  const norm = Math.sqrt(entriesOf(gradients).reduce((sum, [, g]) => sum + sumOfSquares(g), 0));
  const scale = clipNorm === 0 ? 1 : Math.min(1, clipNorm / (norm + CLIP_EPS));
  return {
    gradients: mapParams(gradients, (g) => g.map((value) => value * scale)),
    gradientNorm: norm,
  };
}

function adamStep(state: DenseState64, gradients: DenseParams64, o: DenseOptimiser): DenseState64 {
  const count = state.step + 1;
  const next: DenseState64 = {
    step: count,
    params: mapParams(state.params, (p) => p.slice()),
    m: mapParams(state.m, (m) => m.slice()),
    v: mapParams(state.v, (v) => v.slice()),
    tokensSinceFired: state.tokensSinceFired,
  };
  for (const [name, gradient] of entriesOf(gradients)) {
    const [p, m, v] = [next.params[name]!, next.m[name]!, next.v[name]!];
    for (const [i, g] of gradient.entries()) {
      m[i] = o.beta1 * m[i]! + (1 - o.beta1) * g;
      v[i] = o.beta2 * v[i]! + (1 - o.beta2) * g * g;
      const mHat = m[i] / (1 - o.beta1 ** count);
      const vHat = v[i] / (1 - o.beta2 ** count);
      p[i]! -= (o.lr * mHat) / (Math.sqrt(vHat) + o.eps);
    }
  }
  return next;
}

function normaliseRows(weights: Float64Array, cols: number): void {
  for (let base = 0; base < weights.length; base += cols) {
    const norm = Math.sqrt(sumOfSquares(weights.subarray(base, base + cols)));
    for (let i = base; i < base + cols; i++) weights[i]! /= norm;
  }
}

function countSilence(before: Uint32Array, f: Float64Array, shape: DenseShape): Uint32Array {
  const fired = new Set<number>();
  for (const [at, act] of f.entries()) if (act > 0) fired.add(at % shape.d_sae);
  return before.map((tokens, latent) => (fired.has(latent) ? 0 : tokens + shape.rows));
}

function mapParams(
  params: DenseParams64,
  change: (values: Float64Array) => Float64Array,
): DenseParams64 {
  return Object.fromEntries(
    entriesOf(params).map(([name, values]) => [name, change(values)]),
  ) as DenseParams64;
}
