// BatchTopK and Matryoshka in float64 (sae.md §4, §8): one selection over the whole batch, a loss per
// nested prefix. BatchTopK is Matryoshka with one level. The running threshold, too.
import { sumOfSquares } from '../numeric/vectors';
import { keptPerBatch, type BatchTopKConfig, type MatryoshkaConfig } from '../sae/sae';
import type { ArchitectureReference } from './architectureReference';
import { countSilentRows } from './countSilentRows';
import { addPath, subtractEncoderPath, zeroGradients } from './saeGradients';
import {
  batchVariance,
  centred,
  decode,
  difference,
  keepLargest,
  preActivations,
  type BatchShape,
  type Detached,
  type Params64,
} from './saeLoss';

export type LevelsShape = BatchShape & {
  /** ⌊k·B⌋ */
  kept: number;
  /** ascending, the last d_sae */
  widths: readonly number[];
  variance: number;
  auxKScale: number;
  k_aux: number;
};

export type LevelsTrace = {
  xc: Float64Array;
  h: Float64Array;
  f: Float64Array;
  a: Float64Array;
  /** x − x̂_ℓ of each level, [rows, d_in] */
  errors: Float64Array[];
  auxResidual: Float64Array;
  errorVariance: number;
  /** full width */
  mse: number;
  auxLoss: number;
  loss: number;
};

export function levelsLossReference(
  params: Params64,
  x: ArrayLike<number>,
  dead: Uint32Array,
  shape: LevelsShape,
  detached?: Detached,
): LevelsTrace {
  const { d_in, d_sae, rows, widths } = shape;
  const xc = centred(x, params.b_dec, shape);
  const h = preActivations(params, xc, shape);
  const f = keepLargestOfBatch(h, shape.kept);
  const a = new Float64Array(rows * d_sae);
  for (let row = 0; row < rows; row++) {
    keepLargest(h, a, row * d_sae, dead, Math.min(shape.k_aux, dead.length));
  }
  const errors = widths.map((width) => {
    const prefix = f.map((act, i) => (i % d_sae < width ? act : 0));
    return difference(Float64Array.from(x), decode(prefix, params.W_dec, params.b_dec, shape));
  });
  const e = errors.at(-1)!;
  const target = detached?.e ?? e;
  const errorVariance = detached?.errorVariance ?? batchVariance(e, rows, d_in);
  const auxResidual = difference(decode(a, params.W_dec, null, shape), target);
  const auxLoss =
    dead.length === 0 || errorVariance === 0
      ? 0
      : (shape.auxKScale * sumOfSquares(auxResidual)) / rows / errorVariance;
  const levels = errors.reduce((sum, error) => sum + sumOfSquares(error) / rows, 0);
  const loss = levels / (widths.length * shape.variance) + auxLoss;
  const mse = sumOfSquares(e) / rows;
  return { xc, h, f, a, errors, auxResidual, errorVariance, mse, auxLoss, loss };
}

/** The `kept` largest positive entries of the whole batch; ties: flat index. */
function keepLargestOfBatch(h: Float64Array, kept: number): Float64Array {
  const positive = [...h.keys()].filter((i) => h[i]! > 0);
  positive.sort((p, q) => h[q]! - h[p]! || p - q);
  const f = new Float64Array(h.length);
  for (const i of positive.slice(0, kept)) f[i] = h[i]!;
  return f;
}

/** Latents of group g are trained on R_g, the sum of the residual gradients of level g and all wider. */
export function levelsGradientsReference(
  params: Params64,
  trace: LevelsTrace,
  dead: Uint32Array,
  shape: LevelsShape,
): Params64 {
  const { d_in, d_sae, rows, widths } = shape;
  const gradients = zeroGradients(shape);
  const scale = -2 / (rows * widths.length * shape.variance);
  for (const [group, width] of widths.entries()) {
    const suffix = new Float64Array(rows * d_in);
    for (const error of trace.errors.slice(group)) {
      for (const [i, value] of error.entries()) suffix[i]! += scale * value;
    }
    const from = widths[group - 1] ?? 0;
    const own = trace.f.map((act, i) => (i % d_sae >= from && i % d_sae < width ? act : 0));
    addPath(gradients, params, trace.xc, own, suffix, shape);
    // Every level subtracts b_dec: R_1, the sum over all of them.
    if (group === 0) for (const [i, value] of suffix.entries()) gradients.b_dec[i % d_in]! += value;
  }
  if (dead.length > 0 && trace.errorVariance > 0) {
    const auxScale = (2 * shape.auxKScale) / (rows * trace.errorVariance);
    const aux = trace.auxResidual.map((value) => value * auxScale);
    addPath(gradients, params, trace.xc, trace.a, aux, shape);
  }
  if (shape.applyBDecToInput) subtractEncoderPath(gradients, params, shape);
  return gradients;
}

/** θ ← (1−η)θ + ηm from the first batch that kept anything, m its smallest kept activation (sae.md §4).
 *  running: [θ, 1 once set]. */
export function thresholdReference(
  running: ArrayLike<number>,
  acts: ArrayLike<number>,
  rate: number,
): Float64Array {
  let smallest = Infinity;
  for (let i = 0; i < acts.length; i++) {
    if (acts[i]! > 0) smallest = Math.min(smallest, acts[i]!);
  }
  if (smallest === Infinity) return Float64Array.from(running);
  const theta = running[1] === 0 ? smallest : (1 - rate) * running[0]! + rate * smallest;
  return Float64Array.of(theta, 1);
}

export const levelsStepReference: ArchitectureReference<BatchTopKConfig | MatryoshkaConfig> = (
  o,
) => {
  const { config, calibration } = o;
  const { d_in, d_sae, auxKScale, k_aux, applyBDecToInput } = config;
  const shape: LevelsShape = {
    d_in,
    d_sae,
    auxKScale,
    k_aux,
    applyBDecToInput,
    rows: config.batchSize,
    kept: keptPerBatch(config),
    widths: config.architecture === 'matryoshka' ? config.widths : [d_sae],
    variance: calibration.variance,
  };
  const dead = auxKScale > 0 ? o.dead : new Uint32Array(0);
  const trace = levelsLossReference(o.state.params, o.x, dead, shape);
  return {
    loss: trace.loss,
    mse: trace.mse,
    auxLoss: trace.auxLoss,
    sparsityLoss: 0,
    auxSilent: dead.length === 0 ? 0 : countSilentRows(trace.a, d_sae),
    f: trace.f,
    gradients: levelsGradientsReference(o.state.params, trace, dead, shape),
    running: thresholdReference(o.state.running, trace.f, config.thresholdRate),
  };
};
