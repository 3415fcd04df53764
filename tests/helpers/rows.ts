// Strided matrices: what the GPU pads, tests pad and strip.

/** [rows, cols] → [rows, stride], tail filled. */
export function padRows(
  data: Float32Array,
  o: { cols: number; stride: number; fill?: number },
): Float32Array {
  const rows = data.length / o.cols;
  const out = new Float32Array(rows * o.stride).fill(o.fill ?? 0);
  for (let row = 0; row < rows; row++) {
    out.set(data.subarray(row * o.cols, (row + 1) * o.cols), row * o.stride);
  }
  return out;
}

/** [rows, stride] → [rows, cols], tail dropped. */
export function stripRows(data: Float32Array, o: { cols: number; stride: number }): Float32Array {
  const rows = data.length / o.stride;
  const out = new Float32Array(rows * o.cols);
  for (let row = 0; row < rows; row++) {
    out.set(data.subarray(row * o.stride, row * o.stride + o.cols), row * o.cols);
  }
  return out;
}
