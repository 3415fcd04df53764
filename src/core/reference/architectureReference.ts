// What an architecture must compute for one batch in float64: its loss and every gradient. The rest of a step
// (projection, clipping, Adam, unit rows, counters) is in saeTrainStep and the same for all.
import type { Calibration, SaeConfig } from '../sae/sae';
import type { Params64 } from './saeLoss';

/** TrainerState in float64. */
export type TrainerState64 = {
  step: number;
  params: Params64;
  m: Params64;
  v: Params64;
  tokensSinceFired: Uint32Array;
  running: Float64Array;
};

export type BatchReference<C extends SaeConfig> = {
  state: TrainerState64;
  /** [batchSize, d_in], x units */
  x: ArrayLike<number>;
  /** a transcoder's: what it is to rebuild, [batchSize, d_in], y units */
  y?: ArrayLike<number>;
  config: C;
  calibration: Pick<Calibration, 'variance'>;
  /** dead before this step, ascending */
  dead: Uint32Array;
};

export type LossAndGradients = {
  loss: number;
  mse: number;
  auxLoss: number;
  sparsityLoss: number;
  auxSilent: number;
  /** dense latentActs, [batchSize, d_sae] */
  f: Float64Array;
  /** one for each parameter of the state, before projection and clipping */
  gradients: Params64;
  /** the running values after this batch */
  running: Float64Array;
};

export type ArchitectureReference<C extends SaeConfig> = (
  batch: BatchReference<C>,
) => LossAndGradients;
