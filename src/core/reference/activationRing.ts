// CPU twins of ring_append.wgsl, gather.wgsl and activation_moments.wgsl: rows in f32 and f64, the ring in
// f16 as on the GPU.
import { f16ToF32, f32ToF16 } from '../numeric/float16';
import type { MomentsChunk } from '../numeric/moments';

const F16_MAX = 65504;

export type RingReference = { rows: number; d: number; values: Float32Array };

/** Appends source rows [*, d] times `scale` at firstRow, wrapping; values pass through f16. */
export function ringAppendReference(
  ring: RingReference,
  o: { source: Float32Array; rowIndices: Uint32Array; scale: number; firstRow: number },
): void {
  const { rows, d } = ring;
  o.rowIndices.forEach((row, i) => {
    const scaled = o.source.subarray(row * d, (row + 1) * d).map((x) => {
      const y = Math.fround(o.scale * x);
      return Number.isNaN(y) ? y : Math.min(F16_MAX, Math.max(-F16_MAX, y));
    });
    ring.values.set(f16ToF32(f32ToF16(scaled)), ((o.firstRow + i) % rows) * d);
  });
}

/** [rowIndices.length, d] = scale · source row − b_dec (b_dec null: not centred). */
export function gatherReference(
  source: Float32Array,
  o: { rowIndices: Uint32Array; d: number; b_dec: Float32Array | null; scale: number },
): Float32Array {
  const out = new Float32Array(o.rowIndices.length * o.d);
  o.rowIndices.forEach((row, i) => {
    for (let j = 0; j < o.d; j++) {
      out[i * o.d + j] = o.scale * source[row * o.d + j]! - (o.b_dec?.[j] ?? 0);
    }
  });
  return out;
}

/** Moments of the listed rows as one chunk, in f64. */
export function momentsReference(
  source: Float32Array,
  rowIndices: Uint32Array,
  d: number,
): MomentsChunk {
  const count = rowIndices.length;
  const valueAt = (row: number, j: number) => source[row * d + j]!;
  const mean = new Float64Array(d);
  const squares = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    for (const row of rowIndices) mean[j]! += valueAt(row, j) / count;
    for (const row of rowIndices) squares[j]! += (valueAt(row, j) - mean[j]!) ** 2;
  }
  const norms = Array.from(rowIndices, (row) =>
    Math.hypot(...source.subarray(row * d, (row + 1) * d)),
  );
  return { count, mean, squares, norms };
}
