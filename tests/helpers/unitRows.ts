// Rows of length 1.

/** A copy of `rows`, [*, cols], each scaled to length 1, in the precision it came in. */
export function unitRows<T extends Float32Array | Float64Array>(rows: T, cols: number): T {
  const out = rows.slice() as T;
  for (let base = 0; base < out.length; base += cols) {
    const length = Math.hypot(...out.subarray(base, base + cols));
    for (let i = base; i < base + cols; i++) out[i]! /= length;
  }
  return out;
}
