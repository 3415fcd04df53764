// The checks before every edit of chosen rows of a residual. Knows no kernel.
import { ShapeError } from '../../core/errors';
import type { GpuMatrix } from '../../core/handles';

/** Throws ShapeError unless the residual has d columns and all rows, at most maxRows, are its own. */
export function checkSteeredRows(
  residual: GpuMatrix,
  rows: Uint32Array,
  o: { d: number; maxRows: number },
): void {
  if (residual.cols !== o.d) {
    throw new ShapeError(`residual: ${residual.cols} columns, expected d ${o.d}`);
  }
  if (rows.length > o.maxRows) {
    throw new ShapeError(`steered rows: ${rows.length}, made for at most ${o.maxRows}`);
  }
  const outside = rows.find((row) => row >= residual.rows);
  if (outside !== undefined) {
    throw new ShapeError(`steered row ${outside} is outside the residual's ${residual.rows} rows`);
  }
}
