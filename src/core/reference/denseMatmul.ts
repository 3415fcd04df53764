// Twin of dense_matmul.wgsl and dense_matmul_registers.wgsl: sums in f64, tight matrices.

export type MatmulCase = {
  m: number;
  k: number;
  columns: number;
  /** [m, k], or [k, m] where transposed */
  A: ArrayLike<number>;
  /** [k, columns] */
  B: ArrayLike<number>;
  transposeA: boolean;
};

/** [m, columns] = A·B or Aᵀ·B, added to `before` where given. */
export function matmulReference(c: MatmulCase, before?: ArrayLike<number>): Float64Array {
  const { m, k, columns } = c;
  const out = new Float64Array(m * columns);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = before === undefined ? 0 : before[row * columns + column]!;
      for (let i = 0; i < k; i++) {
        const a = c.transposeA ? c.A[i * m + row]! : c.A[row * k + i]!;
        sum += a * c.B[i * columns + column]!;
      }
      out[row * columns + column] = sum;
    }
  }
  return out;
}
