// The ground-truth dictionary as a feed of the training loop: what the engine would capture from a model.
import type { SaeConfig } from '../../../src/core/sae/sae';
import type { ActivationFeed } from '../../../src/engine/activations/activationFeed';
import type { Dictionary } from './dictionary';

/** Stream of the dictionary's tokens that calibrates; blocks of the ring count up from 0. */
const CALIBRATION_STREAM = 100_000;

export function makeDictionaryFeed(
  { d_in, sample }: Dictionary,
  { calibrationTokens, ringRows }: Pick<SaeConfig, 'calibrationTokens' | 'ringRows'>,
): ActivationFeed {
  const rowsOf = (count: number, stream: number) => ({
    x: { where: 'cpu' as const, rows: count, cols: d_in, data: sample(count, stream) },
    every: Uint32Array.from({ length: count }, (_, i) => i),
  });
  return {
    async calibrate(rings, onProgress) {
      const { x, every } = rowsOf(calibrationTokens, CALIBRATION_STREAM);
      for (const ring of rings) await ring.measure(x, every);
      await onProgress(calibrationTokens);
      return Promise.all(rings.map((ring) => ring.finish()));
    },
    async fillBlock(rings, block, inputScales, goOn) {
      const { x, every } = rowsOf(ringRows, block);
      for (const [i, ring] of rings.entries()) await ring.append(x, every, inputScales[i]!, 0);
      return goOn(ringRows);
    },
    ringText: () => null,
  };
}
