// Runs a trainer over rows that lie ready in one ring, in order, round and round.
import type { Calibration, SaeConfig } from '../../../src/core/sae/sae';
import type { StepMetrics, TrainerState } from '../../../src/core/train/trainerState';
import type { SaeBackend } from '../../../src/core/train/saeBackend';

export type RingRun<C extends SaeConfig = SaeConfig> = {
  config: C;
  calibration: Calibration;
  /** [ringRows, d_in], x units, exact in f16 */
  x: Float32Array;
  /** a transcoder's: what it rebuilds, y units */
  y?: Float32Array;
};

/** `steps` steps on from `state`; step t takes rows t·batchSize … of the ring. */
export type RingTraining = { metrics: StepMetrics[]; end: TrainerState };

export async function trainRing(
  backend: SaeBackend,
  { config, calibration, x, y }: RingRun,
  state: TrainerState,
  steps: number,
): Promise<RingTraining> {
  const { d_in: d, ringRows, batchSize } = config;
  const everyRow = Uint32Array.from({ length: ringRows }, (_, i) => i);
  const filled = async (data: Float32Array) => {
    const made = await backend.createRing({ rows: ringRows, d });
    await made.append({ where: 'cpu', rows: ringRows, cols: d, data }, everyRow, 1, 0);
    return made;
  };
  const ring = await filled(x);
  const targets = y && (await filled(y));
  const rings = { ring, ...(targets && { targets }) };
  const trainer = await backend.createTrainer({ config, calibration, state, ...rings });
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
    targets?.dispose();
  }
}

/** Rows that a later step meets again: what step t of trainRing trains on. */
export function rowsOfStep({ config, x }: RingRun, step: number): Float32Array {
  return partOfStep(config, x, step);
}

/** What a transcoder rebuilds in that step. */
export function targetsOfStep({ config, y }: RingRun, step: number): Float32Array | undefined {
  return y && partOfStep(config, y, step);
}

function partOfStep(config: SaeConfig, rows: Float32Array, step: number): Float32Array {
  const { d_in, ringRows, batchSize } = config;
  const first = (step * batchSize) % ringRows;
  return rows.subarray(first * d_in, (first + batchSize) * d_in);
}
