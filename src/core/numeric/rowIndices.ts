// Which rows of a matrix are meant: the check before any backend reads them, and where they lie side by side.
import { ShapeError } from '../errors';
import type { Matrix } from '../handles';

/** Throws ShapeError if `x` is not [*, cols] or a row index is out of range. */
export function checkRowIndices(x: Matrix, rowIndices: Uint32Array, cols: number): void {
  if (x.cols !== cols) {
    throw new ShapeError(`activations: ${x.cols} columns, expected d_in ${cols}`);
  }
  if (x.where === 'cpu' && x.data.length !== x.rows * x.cols) {
    throw new ShapeError(`activations: ${x.data.length} values for ${x.rows} × ${x.cols}`);
  }
  const outside = rowIndices.find((row) => row >= x.rows);
  if (outside !== undefined) {
    throw new ShapeError(`row ${outside} is outside the ${x.rows} rows of activations`);
  }
}

/** As checkRowIndices, and throws ShapeError if a store of `rows` rows ends before the last one, put from `firstRow` on. */
export function checkRowsFit(
  x: Matrix,
  rowIndices: Uint32Array,
  o: { firstRow: number; rows: number; cols: number },
): void {
  checkRowIndices(x, rowIndices, o.cols);
  const end = o.firstRow + rowIndices.length;
  if (end > o.rows)
    throw new ShapeError(`row ${end - 1} is outside the ${o.rows} rows of the store`);
}

/** `count` rows from `row` on, which stand in the list from `at` on. */
export type RowRun = { at: number; row: number; count: number };

/** Rows that follow one another, in the order of the list. */
export function runsOf(rowIndices: Uint32Array): RowRun[] {
  const runs: RowRun[] = [];
  for (const [at, row] of rowIndices.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && row === last.row + last.count) last.count++;
    else runs.push({ at, row, count: 1 });
  }
  return runs;
}
