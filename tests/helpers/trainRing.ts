// Runs a trainer over rows that lie ready in one ring, in order, round and round.
import type { Calibration, SaeConfig } from '../../src/core/sae/sae';
import type { StepMetrics, TrainerState } from '../../src/core/train/trainerState';
import type { SaeBackend } from '../../src/core/train/saeBackend';

export type RingRun<C extends SaeConfig = SaeConfig> = {
  config: C;
  calibration: Calibration;
  /** [ringRows, d_in], x units, exact in f16 */
  x: Float32Array;
};

/** `steps` steps on from `state`; step t takes rows t·batchSize … of the ring. */
export type RingTraining = { metrics: StepMetrics[]; end: TrainerState };

export async function trainRing(
  backend: SaeBackend,
  { config, calibration, x }: RingRun,
  state: TrainerState,
  steps: number,
): Promise<RingTraining> {
  const { d_in: d, ringRows, batchSize } = config;
  const ring = await backend.createRing({ rows: ringRows, d });
  const source = { where: 'cpu' as const, rows: ringRows, cols: d, data: x };
  const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
  await ring.append(source, everyRow, 1, 0);
  const trainer = await backend.createTrainer({ config, calibration, state, ring });
  try {
    for (let i = 0; i < steps; i++) {
      const first = ((state.step + i) * batchSize) % ringRows;
      trainer.step(everyRow.subarray(first, first + batchSize));
      await trainer.ready();
    }
    const metrics = await trainer.takeMetrics({ all: true });
    return { metrics, end: await trainer.readState() };
  } finally {
    trainer.dispose();
    ring.dispose();
  }
}

/** Rows that a later step meets again: what step t of trainRing trains on. */
export function rowsOfStep({ config, x }: RingRun, step: number): Float32Array {
  const { d_in, ringRows, batchSize } = config;
  const first = (step * batchSize) % ringRows;
  return x.subarray(first * d_in, (first + batchSize) * d_in);
}
