// Lengths and angles of single vectors, sums in f64. Loops over whole matrices that need speed keep their own
// (nearestRows.ts).

/** Σ aᵢ·bᵢ over the length of a. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function sumOfSquares(v: ArrayLike<number>): number {
  return dot(v, v);
}

/** ‖v‖₂ */
export function norm(v: ArrayLike<number>): number {
  return Math.sqrt(sumOfSquares(v));
}

/** 0 where one of them is all zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const along = dot(a, b);
  return along === 0 ? 0 : along / Math.sqrt(sumOfSquares(a) * sumOfSquares(b));
}

/** v / ‖v‖; a zero vector stays zero. */
export function unitVector(v: Float32Array): Float32Array {
  const length = norm(v);
  return length > 0 ? v.map((value) => value / length) : v.slice();
}
