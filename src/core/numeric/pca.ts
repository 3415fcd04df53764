// The two directions of largest variance, by block power iteration with a Rayleigh–Ritz step: no d × d matrix
// is built, so wide and long inputs cost only passes over the rows. Deterministic: fixed start, fixed signs.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { makeRng } from './rng';

/** Columns iterated: more than two, so that convergence depends on the ninth eigenvalue, not the third. */
const BLOCK = 8;

export type PcaState = {
  rows: Float32Array;
  n: number;
  d: number;
  /** column means, [d] */
  mean: Float64Array;
  /** orthonormal columns, [d, BLOCK], best first */
  basis: Float64Array;
  /** variance along each basis column, [BLOCK] */
  variances: Float64Array;
};

/** rows: [n, d], row-major. */
export function startPca(rows: Float32Array, n: number, d: number): PcaState {
  const mean = new Float64Array(d);
  for (let i = 0; i < n * d; i++) mean[i % d]! += rows[i]! / n;
  const rng = makeRng(0);
  const width = Math.min(BLOCK, d);
  const basis = Float64Array.from({ length: d * width }, () => rng.normal());
  orthonormalise(basis, d, width);
  return { rows, n, d, mean, basis, variances: new Float64Array(width) };
}

/** One pass over the rows; returns how much the two leading variances changed, relative to the first. */
export function stepPca(state: PcaState): number {
  const { d } = state;
  const width = state.variances.length;
  const applied = applyCovariance(state);
  // Within the span of the basis the small problem is solved exactly.
  const small = new Matrix(width, width);
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < width; b++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += state.basis[i * width + a]! * applied[i * width + b]!;
      small.set(a, b, sum);
    }
  }
  const symmetric = Matrix.add(small, small.transpose()).mul(0.5);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => realEigenvalues[b]! - realEigenvalues[a]!,
  );
  const turned = new Float64Array(d * width);
  for (let i = 0; i < d; i++) {
    for (const [to, from] of order.entries()) {
      let sum = 0;
      for (let a = 0; a < width; a++) {
        sum += applied[i * width + a]! * eigenvectorMatrix.get(a, from);
      }
      turned[i * width + to] = sum;
    }
  }
  orthonormalise(turned, d, width);
  const variances = Float64Array.from(order, (from) => Math.max(0, realEigenvalues[from]!));
  const change = [0, 1].map((i) => Math.abs((variances[i] ?? 0) - (state.variances[i] ?? 0)));
  state.basis = turned;
  state.variances = variances;
  return Math.max(...change) / Math.max(variances[0] ?? 0, 1e-30);
}

/** Coordinates of the rows along the two leading directions, [n, 2]; the largest entry of each direction is
 *  positive, ties to the first. */
export function placesOf(state: PcaState): Float32Array {
  const { rows, n, d, mean, basis } = state;
  const width = state.variances.length;
  const places = new Float32Array(n * 2);
  for (let axis = 0; axis < Math.min(2, width); axis++) {
    const direction = Float64Array.from({ length: d }, (_, i) => basis[i * width + axis]!);
    const largest = direction.reduce(
      (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
      0,
    );
    const sign = largest < 0 ? -1 : 1;
    for (let row = 0; row < n; row++) {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += (rows[row * d + i]! - mean[i]!) * direction[i]!;
      places[2 * row + axis] = sign * sum;
    }
  }
  return places;
}

/** Shifts and scales coordinates so that they start at 0 and the longer side ends at 1; keeps proportions. */
export function fitPlaces(places: Float32Array): Float32Array {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const [i, value] of places.entries()) {
    low[i % 2] = Math.min(low[i % 2]!, value);
    high[i % 2] = Math.max(high[i % 2]!, value);
  }
  const span = Math.max(high[0]! - low[0]!, high[1]! - low[1]!) || 1;
  return places.map((value, i) => (value - low[i % 2]!) / span);
}

/** Covariance times basis, [d, width], without forming the covariance. */
function applyCovariance({ rows, n, d, mean, basis, variances }: PcaState): Float64Array {
  const width = variances.length;
  const applied = new Float64Array(d * width);
  const projected = new Float64Array(width);
  for (let row = 0; row < n; row++) {
    projected.fill(0);
    for (let i = 0; i < d; i++) {
      const value = rows[row * d + i]! - mean[i]!;
      for (let a = 0; a < width; a++) projected[a]! += value * basis[i * width + a]!;
    }
    for (let i = 0; i < d; i++) {
      const value = (rows[row * d + i]! - mean[i]!) / n;
      for (let a = 0; a < width; a++) applied[i * width + a]! += value * projected[a]!;
    }
  }
  return applied;
}

/** Gram–Schmidt over the columns, twice for accuracy; a column that vanishes becomes 0. */
function orthonormalise(basis: Float64Array, d: number, width: number): void {
  for (let a = 0; a < width; a++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < a; b++) {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += basis[i * width + a]! * basis[i * width + b]!;
        for (let i = 0; i < d; i++) basis[i * width + a]! -= dot * basis[i * width + b]!;
      }
    }
    let squares = 0;
    for (let i = 0; i < d; i++) squares += basis[i * width + a]! ** 2;
    const scale = squares > 1e-60 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < d; i++) basis[i * width + a]! *= scale;
  }
}
