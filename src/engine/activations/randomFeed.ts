// Random activations instead of a model's: a smoke test of a configuration, and of resuming, that needs
// neither checkpoint nor text. The result has no meaning, and wherever it is shown the page must say so.
import { makeRng } from '../../core/numeric/rng';
import type { ActivationFeed, FeedStream } from './activationFeed';

/** Stream of the seed that draws block b is RANDOM_STREAM + b. */
const RANDOM_STREAM = 0x20000;
/** Rows drawn between two turns of other jobs. */
const ROWS_PER_TURN = 1024;

/** Standard normal rows, [rows, d_in], in model units; a pure function of (seed, stream, width). */
function* randomRows(rows: number, d_in: number, seed: number, stream: number) {
  const rng = makeRng(seed, stream);
  for (let first = 0; first < rows; first += ROWS_PER_TURN) {
    const count = Math.min(ROWS_PER_TURN, rows - first);
    const data = Float32Array.from({ length: count * d_in }, () => rng.normal());
    yield { where: 'cpu' as const, rows: count, cols: d_in, data };
  }
}

/** hooks: how many; each sees the same rows. */
export function createRandomFeed(
  stream: Pick<FeedStream, 'seed'>,
  d_in: number,
  hooks = 1,
): ActivationFeed {
  const { seed } = stream;
  return {
    async readBlock({ index, rows }, take) {
      let filled = 0;
      for (const x of randomRows(rows, d_in, seed, RANDOM_STREAM + index)) {
        const activations = Array.from({ length: hooks }, () => x);
        const every = Uint32Array.from({ length: x.rows }, (_, i) => i);
        const some = { activations, rows: every, firstRow: filled, isScaled: false };
        if (!(await take(some))) return false;
        filled += x.rows;
      }
      return true;
    },
    ringText: () => null,
  };
}
