// Activations that are already there, as the training loop asks for them: in another order each time they are passed
// over. A pure function of (rows, seed, block), as every feed.
import { elementAt } from '../../core/elementAt';
import { ShapeError } from '../../core/errors';
import type { CpuMatrix, Matrix } from '../../core/handles';
import { seededPermutation } from '../../core/numeric/rng';
import type { ActivationFeed, FeedStream } from './activationFeed';

/** Pass p over the rows uses stream ROW_STREAM + p of the seed. */
const ROW_STREAM = 0x30000;
/** Rows handed over between two turns of other jobs. */
const ROWS_PER_TURN = 4096;

/** x: [rows, d_in], model units, in the memory of the rings' backend or the processor's; the same for every hook point.
 *  Throws ShapeError where there is no row, or not as many values as it says. */
export function createRowFeed(stream: Pick<FeedStream, 'seed'>, x: Matrix): ActivationFeed {
  const { rows } = x;
  if (rows < 1 || (x.where === 'cpu' && x.data.length !== rows * x.cols)) {
    const values = x.where === 'cpu' ? `${x.data.length} values` : 'they';
    throw new ShapeError(`activations: ${values} are not ${rows} rows of width ${x.cols}`);
  }
  const { seed } = stream;
  const sequence = Uint32Array.from({ length: ROWS_PER_TURN }, (_, i) => i);
  let pass = -1;
  let order: Uint32Array = new Uint32Array();
  /** Places `from` to `from + count` of the endless sequence of passes. */
  const take = (from: number, count: number) =>
    Uint32Array.from({ length: count }, (_, i) => {
      const wanted = Math.floor((from + i) / rows);
      if (wanted !== pass) {
        order = seededPermutation(rows, seed, ROW_STREAM + wanted);
        pass = wanted;
      }
      return elementAt(order, (from + i) % rows);
    });
  /** The listed rows of x: of rows in the processor's memory just these go to the rings' backend, not all of x. */
  const listed = (part: Uint32Array): [Matrix, Uint32Array] =>
    x.where === 'gpu' ? [x, part] : [gather(x, part), sequence.subarray(0, part.length)];
  return {
    async readBlock(block, takeRows) {
      for (let filled = 0; filled < block.rows;) {
        const count = Math.min(ROWS_PER_TURN, block.rows - filled);
        const [some, rows] = listed(take(block.first + filled, count));
        const wanted = { activations: [some], rows, firstRow: filled, isScaled: false };
        if (!(await takeRows(wanted))) return false;
        filled += count;
      }
      return true;
    },
    ringText: () => null,
  };
}

function gather({ cols, data }: CpuMatrix, rowIndices: Uint32Array): CpuMatrix {
  const gathered = new Float32Array(rowIndices.length * cols);
  for (const [i, row] of rowIndices.entries()) {
    gathered.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  }
  return { where: 'cpu', rows: rowIndices.length, cols, data: gathered };
}
