// Random activations in the place of a model's: a smoke test of a configuration, and of resuming, that needs
// neither checkpoint nor text. What is learned from them means nothing; whoever shows it must say so.
import { makeRng } from '../core/rng';
import type { SaeConfig } from '../core/sae';
import type { ActivationFeed } from './activationFeed';

/** Stream of the seed that draws block b is RANDOM_STREAM + b; calibration has the one before block 0. */
const RANDOM_STREAM = 0x20000;
/** Rows drawn between two turns of other jobs. */
const ROWS_PER_TURN = 1024;

/** Standard normal rows, [rows, d_in], in model units; a pure function of (seed, stream). */
function* randomRows(config: SaeConfig, rows: number, stream: number): Generator<Float32Array> {
  const rng = makeRng(config.seed, stream);
  for (let first = 0; first < rows; first += ROWS_PER_TURN) {
    const count = Math.min(ROWS_PER_TURN, rows - first);
    yield Float32Array.from({ length: count * config.d_in }, () => rng.normal());
  }
}

export function createRandomFeed(config: SaeConfig): ActivationFeed {
  const matrix = (data: Float32Array) => ({
    where: 'cpu' as const,
    rows: data.length / config.d_in,
    cols: config.d_in,
    data,
  });
  const everyRow = (rows: number) => Uint32Array.from({ length: rows }, (_, i) => i);
  return {
    async calibrate(ring, onProgress) {
      let tokens = 0;
      for (const data of randomRows(config, config.calibrationTokens, RANDOM_STREAM - 1)) {
        const x = matrix(data);
        ring.measure(x, everyRow(x.rows));
        tokens += x.rows;
        await onProgress(tokens);
      }
      return ring.finish();
    },
    async fillBlock(ring, block, inputScale, goOn) {
      let filled = 0;
      for (const data of randomRows(config, config.ringRows, RANDOM_STREAM + block)) {
        const x = matrix(data);
        ring.append(x, everyRow(x.rows), inputScale, filled);
        filled += x.rows;
        if (!(await goOn(filled))) return false;
      }
      return true;
    },
  };
}
