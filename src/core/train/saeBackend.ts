// What the engine asks of whatever computes SAEs: the GPU's kernels or the processor's. What one backend made is
// given back to that backend only.
import type { Matrix } from '../handles';
import type { SaeParams } from '../sae/sae';
import type { EncoderOptions, SaeEncoder } from '../sae/saeEncoder';
import type { ActivationRing } from './activationRing';
import type { RowStore } from './rowStore';
import type { SaeTrainer, TrainerOptions } from './saeTrainer';

export type SaeBackendName = 'webgpu' | 'cpu';

export type SaeBackend = {
  name: SaeBackendName;
  /** what computes, as one line: the adapter, or the processor */
  description: string;
  /** Throws ConfigError if the rows do not fit. */
  createRing: (o: { rows: number; d: number }) => Promise<ActivationRing>;
  /** Throws ConfigError if the rows do not fit, in f32. */
  createRowStore: (o: { rows: number; d: number }) => RowStore;
  /** Throws ConfigError if the run does not fit. */
  createTrainer: (o: TrainerOptions) => Promise<SaeTrainer>;
  /** Throws ConfigError if the SAE does not fit. */
  createEncoder: (params: SaeParams, o?: EncoderOptions) => Promise<SaeEncoder>;
  /** [rows, cols], row-major, in CPU memory */
  readMatrix: (x: Matrix) => Promise<Float32Array>;
};
