// What the processor's trainer requires of an architecture: one step on rows of the ring, and its state.
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import type { TrainedLatents } from '../../core/train/saeTrainer';
import type { StepMetrics, TrainerState } from '../../core/train/trainerState';
import type { KernelThreads } from '../kernelThreads';
import type { CpuRing } from './cpuRing';

export type StepOptions<C extends SaeConfig> = {
  config: C;
  /** read at each step: V may be corrected */
  calibration: Readonly<Calibration>;
  state: TrainerState;
  ring: CpuRing;
  /** what is rebuilt; an SAE's: `ring` */
  targets: CpuRing;
  /** threads that share the work */
  others: KernelThreads | null;
};

export type CpuStep = {
  /** step: counts from 0 */
  run: (rowIndices: Uint32Array, step: number) => StepMetrics;
  /** ‖e‖² of at most batchSize rows; null if the architecture does not need it */
  squaredErrors: ((rowIndices: Uint32Array) => Float64Array) | null;
  latents: TrainedLatents | null;
  /** The exact state after the last step, of which `step` were done. */
  readState: (step: number) => TrainerState;
  byteLength: number;
  dispose: () => void;
};
