// Twins of column_moments.wgsl and error_variance.wgsl. float64.
import { batchVariance } from './saeLoss';

/** Σ g and Σ (g − part mean)² per part of `partRows` rows and column: [parts, 2, d]. */
export function columnMomentsReference(
  gradient: Float32Array,
  { d, partRows }: { d: number; partRows: number },
): Float64Array {
  const rows = gradient.length / d;
  const parts = Math.ceil(rows / partRows);
  const out = new Float64Array(parts * 2 * d);
  for (let part = 0; part < parts; part++) {
    const end = Math.min((part + 1) * partRows, rows);
    for (let i = 0; i < d; i++) {
      const values = Array.from(
        { length: end - part * partRows },
        (_, r) => gradient[(part * partRows + r) * d + i]!,
      );
      const sum = values.reduce((total, value) => total + value, 0);
      out[part * 2 * d + i] = sum;
      out[(part * 2 + 1) * d + i] = values.reduce(
        (total, value) => total + (value - sum / values.length) ** 2,
        0,
      );
    }
  }
  return out;
}

/** v of AuxK from gradient = −gradScale · e: mean over rows of ‖e − ē‖². */
export function errorVarianceReference(
  gradient: Float32Array,
  { d, gradScale }: { d: number; gradScale: number },
): number {
  return batchVariance(
    Float64Array.from(gradient, (g) => -g / gradScale),
    gradient.length / d,
    d,
  );
}
