// Rows of length 1 in float64.

export function unitRows64(values: ArrayLike<number>, cols: number): Float64Array {
  const out = Float64Array.from(values);
  for (let base = 0; base < out.length; base += cols) {
    const norm = Math.hypot(...out.subarray(base, base + cols));
    for (let i = base; i < base + cols; i++) out[i]! /= norm;
  }
  return out;
}
