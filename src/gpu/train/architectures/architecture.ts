// What the trainer requires of an architecture on the GPU: everything between the ring and the metrics. The
// trainer records, submits and waits; it knows no kernel. A new architecture implements this interface and is
// added to registry.ts.
import type { Calibration, SaeConfig } from '../../../core/sae/sae';
import type { TrainedLatents } from '../../../core/train/saeTrainer';
import type { StepMetrics, TrainerState } from '../../../core/train/trainerState';
import type { GpuActivationRing } from '../activationRing';
import type { Dispatch } from '../../device/defineKernel';
import type { GpuContext } from '../../device/device';
import type { EncodeTuning } from '../../sae/encodeTuner';
import type { ParameterPlace } from '../../sae/parameterPlace';
import type { ParameterState } from '../../sae/weightBuffers';

export type StepOptions<C extends SaeConfig> = {
  config: C;
  /** read at each step: V may be corrected */
  calibration: Readonly<Calibration>;
  state: TrainerState;
  ring: GpuActivationRing;
  /** what is rebuilt; an SAE's: `ring` */
  targets: GpuActivationRing;
  /** absent: kernels are chosen without measuring */
  tuning?: EncodeTuning;
};

export type ArchitectureStep = {
  /** all dispatches of one step, in order, bound once */
  dispatches: readonly Dispatch[];
  /** [batchSize] u32: ring rows of the step; the trainer writes them */
  rowIndices: GPUBuffer;
  /** Uploads what changes from step to step (`step` counts from 0); queue-ordered. */
  writeStep: (step: number) => void;
  /** Recorded before the step's pass: zeroes counters. */
  reset: (encoder: GPUCommandEncoder) => void;
  /** the words that a step writes, and how to read them */
  metrics: {
    buffer: GPUBuffer;
    byteLength: number;
    parse: (bytes: ArrayBuffer, step: number) => StepMetrics;
  };
  /** The step's forward part alone, after which `gradient` [batchSize, dStride] holds 2/B · (x̂ − x) of each
   *  row; null if the architecture does not need it. */
  errors: { dispatches: readonly Dispatch[]; gradient: GPUBuffer } | null;
  /** the trained parameters' buffers */
  parameters: readonly ParameterPlace[];
  /** The exact state after the last enqueued step, of which `step` were done. */
  readState: (step: number) => Promise<ParameterState>;
  /** For watching latents during training; null if every latent takes part in every row. */
  latents: TrainedLatents | null;
  /** bytes on the GPU, without the ring */
  byteLength: () => number;
  dispose: () => void;
};

/** Compiles, allocates, uploads. Throws ConfigError if the run does not fit this device, after freeing all it
 *  allocated. */
export type CreateStep<C extends SaeConfig> = (
  context: GpuContext,
  o: StepOptions<C>,
) => Promise<ArchitectureStep>;
