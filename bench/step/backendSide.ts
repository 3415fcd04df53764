// One of our backends as a side of the comparison, in Node and in a page.
import type { SaeBackend } from '../../src/core/train/saeBackend';
import { initTrainerState } from '../../src/core/train/trainerState';
import type { Case } from './trainingCase';

/** What takes one step at a call. */
export type StepSide = {
  /** milliseconds */
  step: () => Promise<number>;
  /** 1 − explained variance of the last step */
  fvu: () => number;
  facts: Record<string, unknown>;
  close: () => void;
};

export async function openBackend(
  { config, calibration, x }: Case,
  backend: SaeBackend,
): Promise<StepSide> {
  const { ringRows, d_in, batchSize } = config;
  const ring = await backend.createRing({ rows: ringRows, d: d_in });
  const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
  await ring.append({ where: 'cpu', rows: ringRows, cols: d_in, data: x }, everyRow, 1, 0);
  const state = initTrainerState(config, calibration);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  let done = 0;
  let fvu = NaN;
  const step = async (): Promise<number> => {
    const first = (done++ * batchSize) % ringRows;
    const began = performance.now();
    trainer.step(everyRow.subarray(first, first + batchSize));
    const [metrics] = await trainer.takeMetrics({ all: true });
    fvu = 1 - metrics!.explainedVariance;
    return performance.now() - began;
  };
  return {
    step,
    fvu: () => fvu,
    facts: { by: backend.description },
    close: () => {
      trainer.dispose();
      ring.dispose();
    },
  };
}
