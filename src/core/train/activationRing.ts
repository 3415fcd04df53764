// The activation ring as the engine uses it, wherever it lies: counted rows of the residual stream, kept until
// training has shuffled through them, and the moments of such rows, for calibration.
import type { Matrix } from '../handles';
import type { Calibration } from '../sae/sae';

/** Rows are kept in f16. */
export type ActivationRing = {
  rows: number;
  d: number;
  /** ring[(firstRow + i) mod rows] = scale · x[rowIndices[i]]. x may be reused when this resolves. */
  append: (x: Matrix, rowIndices: Uint32Array, scale: number, firstRow: number) => Promise<void>;
  /** Adds the moments of the listed rows, unscaled, to those so far. */
  measure: (x: Matrix, rowIndices: Uint32Array) => Promise<void>;
  /** Copies of some of its rows, [rowIndices.length, d], scaled as they were appended. */
  readRows: (rowIndices: Uint32Array) => Promise<Float32Array>;
  /** Calibration of all rows measured since the last `finish`. */
  finish: () => Promise<Calibration>;
  dispose: () => void;
};
