// Binary logistic regression by Newton's method, its linear systems solved with conjugate gradients: small
// enough to maintain, and needed by the probes only. (npm's packages run a fixed number of gradient steps.)
import { dot, norm } from '../../numeric/vectors';

export type LogisticModel = { weights: Float64Array; bias: number };

const MAX_NEWTON = 50;
const MAX_CG = 250;
/** Norm of the mean gradient at which the fit is done. */
const DONE = 1e-7;

/** Minimises mean log-loss + ½·l2·‖weights‖² (the bias is free). X: [n, d] row-major, y: n of 0 or 1.
 *  With l2 > 0 the minimum is unique, even if the classes are separable. */
export function fitLogistic(
  X: Float64Array,
  y: ArrayLike<number>,
  o: { d: number; l2: number },
): LogisticModel {
  const { d, l2 } = o;
  // The last parameter is the bias.
  let parameters = new Float64Array(d + 1);
  let current = lossAndGradient(X, y, parameters, d, l2);
  for (let round = 0; round < MAX_NEWTON && norm(current.gradient) > DONE; round++) {
    const step = solve((v) => timesHessian(X, current.curvature, v, d, l2), current.gradient);
    // Full Newton steps overshoot far from the minimum: halve until the loss falls.
    let size = 1;
    let next = parameters;
    let tried = current;
    do {
      const length = size;
      next = parameters.map((value, i) => value - length * step[i]!);
      tried = lossAndGradient(X, y, next, d, l2);
      size /= 2;
    } while (tried.loss > current.loss && size > 1e-6);
    if (!(tried.loss <= current.loss)) break;
    parameters = next;
    current = tried;
  }
  return { weights: parameters.slice(0, d), bias: parameters[d]! };
}

/** Share of rows for which the model is on the same side of ½ as y. */
export function logisticAccuracy(
  model: LogisticModel,
  X: Float64Array,
  y: ArrayLike<number>,
): number {
  const d = model.weights.length;
  let right = 0;
  for (let row = 0; row < y.length; row++) {
    let score = model.bias;
    for (let i = 0; i < d; i++) score += X[row * d + i]! * model.weights[i]!;
    if (score > 0 === y[row]! > 0) right++;
  }
  return right / y.length;
}

function lossAndGradient(
  X: Float64Array,
  y: ArrayLike<number>,
  parameters: Float64Array,
  d: number,
  l2: number,
) {
  const n = y.length;
  const gradient = new Float64Array(d + 1);
  /** p(1 − p) / n of every row */
  const curvature = new Float64Array(n);
  let loss = 0;
  for (let row = 0; row < n; row++) {
    let score = parameters[d]!;
    for (let i = 0; i < d; i++) score += X[row * d + i]! * parameters[i]!;
    const p = 1 / (1 + Math.exp(-score));
    // ln(1 + e^s) without overflow
    loss += (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - y[row]! * score) / n;
    const residual = (p - y[row]!) / n;
    curvature[row] = (p * (1 - p)) / n;
    for (let i = 0; i < d; i++) gradient[i]! += residual * X[row * d + i]!;
    gradient[d]! += residual;
  }
  for (let i = 0; i < d; i++) {
    loss += 0.5 * l2 * parameters[i]! ** 2;
    gradient[i]! += l2 * parameters[i]!;
  }
  return { loss, gradient, curvature };
}

function timesHessian(
  X: Float64Array,
  curvature: Float64Array,
  v: Float64Array,
  d: number,
  l2: number,
): Float64Array {
  const out = new Float64Array(d + 1);
  for (let row = 0; row < curvature.length; row++) {
    let along = v[d]!;
    for (let i = 0; i < d; i++) along += X[row * d + i]! * v[i]!;
    along *= curvature[row]!;
    for (let i = 0; i < d; i++) out[i]! += along * X[row * d + i]!;
    out[d]! += along;
  }
  for (let i = 0; i < d; i++) out[i]! += l2 * v[i]!;
  return out;
}

/** Conjugate gradients for a positive definite operator (Hestenes, Stiefel 1952). */
function solve(times: (v: Float64Array) => Float64Array, b: Float64Array): Float64Array {
  const x = new Float64Array(b.length);
  const residual = b.slice();
  const direction = b.slice();
  let squared = dot(residual, residual);
  const target = 1e-12 * squared;
  for (let round = 0; round < MAX_CG && squared > target; round++) {
    const image = times(direction);
    const length = squared / dot(direction, image);
    if (!Number.isFinite(length)) break;
    for (let i = 0; i < x.length; i++) {
      x[i]! += length * direction[i]!;
      residual[i]! -= length * image[i]!;
    }
    const next = dot(residual, residual);
    for (let i = 0; i < x.length; i++) {
      direction[i] = residual[i]! + (next / squared) * direction[i]!;
    }
    squared = next;
  }
  return x;
}
