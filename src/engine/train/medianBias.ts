// Sets b_dec of a trainer that has not started to the geometric median of its first block of activations.
// Costs a readback of those rows and at most 100 passes over them on this thread, yielding
// in between.
import { weiszfeld } from '../../core/numeric/geometricMedian';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { SaeTrainer, TrainerOptions } from '../../core/train/saeTrainer';

/** Most rows for the median (OpenAI), and most numbers read back for them. */
const MOST_ROWS = 32_768;
const MOST_NUMBERS = 2 ** 24;

/** @param order rows of the ring, shuffled: the first of them are taken
 *  @param breathe called between two rounds, may throw */
export async function moveToMedian(
  backend: SaeBackend,
  one: Omit<TrainerOptions, 'state'> & { trainer: SaeTrainer },
  order: Uint32Array,
  breathe: () => Promise<void>,
): Promise<SaeTrainer> {
  const { config, calibration, ring, targets, trainer } = one;
  const count = Math.min(MOST_ROWS, Math.max(1, Math.floor(MOST_NUMBERS / config.d_in)));
  const rows = await (targets ?? ring).readRows(order.subarray(0, count));
  const state = await trainer.readState();
  for (const estimate of weiszfeld(rows, config.d_in)) {
    state.b_dec = Float32Array.from(estimate);
    await breathe();
  }
  trainer.dispose();
  return backend.createTrainer({
    config,
    calibration,
    state,
    ring,
    ...(targets && { targets }),
  });
}
