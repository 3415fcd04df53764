// Rows that stay where a backend computes, in f32, until they are given back: for training again and again on what was
// captured once.
import type { CpuMatrix, Matrix } from '../handles';
import { checkRowsFit, runsOf } from '../numeric/rowIndices';

export type RowStore = {
  /** [rows, d], row-major; 0 where nothing was written */
  matrix: Matrix;
  /** matrix[firstRow + i] = x[rowIndices[i]]. x may be reused when this resolves. Rejects with ShapeError for rows that
   *  x or the store does not have. */
  append: (x: Matrix, rowIndices: Uint32Array, firstRow: number) => Promise<void>;
  dispose: () => void;
};

/** Rows kept in the processor's memory; read: the values of a matrix, wherever it is. */
export function createCpuRowStore(
  { rows, d }: { rows: number; d: number },
  read: (x: Matrix) => Promise<Float32Array>,
): RowStore {
  const matrix: CpuMatrix = { where: 'cpu', rows, cols: d, data: new Float32Array(rows * d) };
  return {
    matrix,
    async append(x, rowIndices, firstRow) {
      checkRowsFit(x, rowIndices, { firstRow, rows, cols: d });
      const values = await read(x);
      for (const { at, row, count } of runsOf(rowIndices)) {
        matrix.data.set(values.subarray(row * d, (row + count) * d), (firstRow + at) * d);
      }
    },
    dispose() {
      matrix.data = new Float32Array();
    },
  };
}
