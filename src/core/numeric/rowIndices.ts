// Which rows of a matrix are meant: the check before any backend reads them.
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
