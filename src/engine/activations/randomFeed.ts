// Random activations instead of a model's: a smoke test of a configuration, and of resuming, that needs
// neither checkpoint nor text. The result has no meaning, and wherever it is shown the page must say so.
import { elementAt } from '../../core/elementAt';
import { makeRng } from '../../core/numeric/rng';
import type { ActivationFeed, FeedStream } from './activationFeed';

/** Stream of the seed that draws block b is RANDOM_STREAM + b; calibration has the one before block 0. */
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

/** Every hook point sees the same rows. */
export function createRandomFeed(stream: FeedStream, d_in: number): ActivationFeed {
  const { seed, ringRows, calibrationTokens } = stream;
  const everyRow = (rows: number) => Uint32Array.from({ length: rows }, (_, i) => i);
  return {
    async calibrate(rings, onProgress) {
      let tokens = 0;
      for (const x of randomRows(calibrationTokens, d_in, seed, RANDOM_STREAM - 1)) {
        for (const ring of rings) await ring.measure(x, everyRow(x.rows));
        tokens += x.rows;
        await onProgress(tokens);
      }
      return Promise.all(rings.map((ring) => ring.finish()));
    },
    async fillBlock(rings, block, inputScales, goOn) {
      let filled = 0;
      for (const x of randomRows(ringRows, d_in, seed, RANDOM_STREAM + block)) {
        for (const [i, ring] of rings.entries()) {
          await ring.append(x, everyRow(x.rows), elementAt(inputScales, i), filled);
        }
        filled += x.rows;
        if (!(await goOn(filled))) return false;
      }
      return true;
    },
    ringText: () => null,
  };
}
