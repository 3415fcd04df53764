// Loss of one TopK training batch in float64, dense and plain: the reference for the trainer's kernels.
// Knows no GPU and shares no code with the kernels' twins, so that an error cannot hide in both.

import { sumOfSquares } from '../numeric/vectors';
import type { ExtraName } from '../sae/stateShape';

/** Parameters in float64; W_enc and W_dec latent-major [d_sae, d_in]; the architecture's own beside. */
export type Params64 = {
  W_enc: Float64Array;
  b_enc: Float64Array;
  W_dec: Float64Array;
  b_dec: Float64Array;
} & Partial<Record<ExtraName, Float64Array>>;

/** Sizes of one batch; rows: its tokens (B). */
export type BatchShape = { d_in: number; d_sae: number; rows: number; applyBDecToInput: boolean };

export type LossShape = BatchShape & {
  k: number;
  /** V of the run's calibration */
  variance: number;
  /** α */
  auxKScale: number;
  k_aux: number;
};

/** AuxK's detached quantities; given, they are held fixed (finite differences need that). */
export type Detached = { e: Float64Array; errorVariance: number };

export type LossTrace = {
  /** encoder input, [rows, d_in] */
  xc: Float64Array;
  /** pre-activations, [rows, d_sae] */
  h: Float64Array;
  /** dense latentActs, [rows, d_sae] */
  f: Float64Array;
  /** dense AuxK activations, [rows, d_sae] */
  a: Float64Array;
  /** y − ŷ of what is rebuilt (SAE: x − x̂), [rows, d_in] */
  e: Float64Array;
  /** ê − e of AuxK, [rows, d_in] */
  auxResidual: Float64Array;
  /** v: batch variance of e */
  errorVariance: number;
  mse: number;
  auxLoss: number;
  /** mse / V + auxLoss */
  loss: number;
};

/** x: what is read, y: what is to be rebuilt (an SAE: x), [rows, d_in] row-major; dead: the previous step's
 *  dead latents. sae.md §2 (AuxK), §3; circuits.md §1. */
export function saeLossReference(
  params: Params64,
  x: ArrayLike<number>,
  dead: Uint32Array,
  shape: LossShape,
  { y = x, detached }: { y?: ArrayLike<number>; detached?: Detached } = {},
): LossTrace {
  const { d_in, d_sae, k, rows, variance } = shape;
  const xc = centred(x, params.b_dec, shape);
  const h = preActivations(params, xc, shape);
  const f = new Float64Array(rows * d_sae);
  const a = new Float64Array(rows * d_sae);
  const everyLatent = Uint32Array.from({ length: d_sae }, (_, latent) => latent);
  for (let row = 0; row < rows; row++) {
    keepLargest(h, f, row * d_sae, everyLatent, k);
    keepLargest(h, a, row * d_sae, dead, Math.min(shape.k_aux, dead.length));
  }
  const e = difference(Float64Array.from(y), decode(f, params.W_dec, params.b_dec, shape));
  const mse = sumOfSquares(e) / rows;
  const target = detached?.e ?? e;
  const errorVariance = detached?.errorVariance ?? batchVariance(e, rows, d_in);
  const auxResidual = difference(decode(a, params.W_dec, null, shape), target);
  const auxLoss =
    dead.length === 0 || errorVariance === 0
      ? 0
      : (shape.auxKScale * sumOfSquares(auxResidual)) / rows / errorVariance;
  const loss = mse / variance + auxLoss;
  return { xc, h, f, a, e, auxResidual, errorVariance, mse, auxLoss, loss };
}

/** Encoder input xc, [rows, d_in]. */
export function centred(
  x: ArrayLike<number>,
  b_dec: Float64Array,
  shape: BatchShape,
): Float64Array {
  return Float64Array.from(x, (value, i) =>
    shape.applyBDecToInput ? value - b_dec[i % shape.d_in]! : value,
  );
}

/** h, [rows, d_sae]. */
export function preActivations(
  params: Params64,
  xc: Float64Array,
  shape: BatchShape,
): Float64Array {
  const { d_in, d_sae, rows } = shape;
  const h = new Float64Array(rows * d_sae);
  for (let row = 0; row < rows; row++) {
    for (let latent = 0; latent < d_sae; latent++) {
      let sum = params.b_enc[latent]!;
      for (let i = 0; i < d_in; i++) sum += xc[row * d_in + i]! * params.W_enc[latent * d_in + i]!;
      h[row * d_sae + latent] = sum;
    }
  }
  return h;
}

/** ReLU of the `count` largest candidates of one row (ties: lowest index); everything else stays 0. */
export function keepLargest(
  h: Float64Array,
  out: Float64Array,
  base: number,
  candidates: Uint32Array,
  count: number,
): void {
  const order = Array.from(candidates).sort((p, q) => h[base + q]! - h[base + p]! || p - q);
  for (const latent of order.slice(0, count)) out[base + latent] = Math.max(h[base + latent]!, 0);
}

/** acts · W_dec (+ b_dec), [rows, d_in]. */
export function decode(
  acts: Float64Array,
  W_dec: Float64Array,
  b_dec: Float64Array | null,
  { d_in, d_sae, rows }: BatchShape,
): Float64Array {
  const out = new Float64Array(rows * d_in);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < d_in; i++) out[row * d_in + i] = b_dec === null ? 0 : b_dec[i]!;
    for (let latent = 0; latent < d_sae; latent++) {
      const act = acts[row * d_sae + latent]!;
      if (act === 0) continue;
      for (let i = 0; i < d_in; i++) out[row * d_in + i]! += act * W_dec[latent * d_in + i]!;
    }
  }
  return out;
}

/** mean over rows of ‖e − ē‖², ē the column means. */
export function batchVariance(e: Float64Array, rows: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) {
    let mean = 0;
    for (let r = 0; r < rows; r++) mean += e[r * cols + c]! / rows;
    for (let r = 0; r < rows; r++) sum += (e[r * cols + c]! - mean) ** 2;
  }
  return sum / rows;
}

export function difference(p: Float64Array, q: Float64Array): Float64Array {
  return p.map((value, i) => value - q[i]!);
}
