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
export function createRowFeed(stream: FeedStream, x: Matrix): ActivationFeed {
  const { rows } = x;
  if (rows < 1 || (x.where === 'cpu' && x.data.length !== rows * x.cols)) {
    const values = x.where === 'cpu' ? `${x.data.length} values` : 'they';
    throw new ShapeError(`activations: ${values} are not ${rows} rows of width ${x.cols}`);
  }
  const { seed, ringRows, calibrationTokens } = stream;
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
    async calibrate(rings, onProgress) {
      const total = Math.min(rows, calibrationTokens);
      for (let done = 0; done < total;) {
        const part = take(done, Math.min(ROWS_PER_TURN, total - done));
        for (const ring of rings) await ring.measure(...listed(part));
        done += part.length;
        await onProgress(done);
      }
      return Promise.all(rings.map((ring) => ring.finish()));
    },
    async fillBlock(rings, block, inputScales, goOn) {
      for (let filled = 0; filled < ringRows;) {
        const count = Math.min(ROWS_PER_TURN, ringRows - filled);
        const part = take(block * ringRows + filled, count);
        for (const [i, ring] of rings.entries()) {
          await ring.append(...listed(part), elementAt(inputScales, i), filled);
        }
        filled += count;
        if (!(await goOn(filled))) return false;
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
