// Activations that are already there, as the training loop asks for them: in another order each time they are passed
// over. A pure function of (rows, seed, block), as every feed.
import { elementAt } from '../../core/elementAt';
import { ShapeError } from '../../core/errors';
import { seededPermutation } from '../../core/numeric/rng';
import type { ActivationFeed, FeedStream } from './activationFeed';

/** Pass p over the rows uses stream ROW_STREAM + p of the seed. */
const ROW_STREAM = 0x30000;
/** Rows handed over between two turns of other jobs. */
const ROWS_PER_TURN = 4096;

/** data: [rows, d_in], row-major, model units; the same for every hook point. Throws ShapeError where it is no whole
 *  number of rows, or none. */
export function createRowFeed(
  stream: FeedStream,
  data: Float32Array,
  d_in: number,
): ActivationFeed {
  const rows = data.length / d_in;
  if (rows < 1 || !Number.isInteger(rows)) {
    throw new ShapeError(`activations: ${data.length} values are not rows of width ${d_in}`);
  }
  const x = { where: 'cpu', rows, cols: d_in, data } as const;
  const { seed, ringRows, calibrationTokens } = stream;
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
  return {
    async calibrate(rings, onProgress) {
      const total = Math.min(rows, calibrationTokens);
      for (let done = 0; done < total;) {
        const part = take(done, Math.min(ROWS_PER_TURN, total - done));
        for (const ring of rings) await ring.measure(x, part);
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
          await ring.append(x, part, elementAt(inputScales, i), filled);
        }
        filled += count;
        if (!(await goOn(filled))) return false;
      }
      return true;
    },
    ringText: () => null,
  };
}
