// The trainer of one SAE as the engine uses it, whatever computes its steps.
import { invariant, ShapeError } from '../errors';
import type { Calibration, SaeConfig, SaeParams, SparseCode } from '../sae/sae';
import type { ActivationRing } from './activationRing';
import type { StepProfiling } from './stepProfile';
import type { StepMetrics, TrainerState } from './trainerState';

/** For looking at latents between steps. */
export type TrainedLatents = {
  /** the code of the step begun last, tokens in the order of its rows */
  readCode: () => Promise<SparseCode>;
  /** one latent's direction, [d_in], in x units */
  readDecoderRow: (latentIndex: number) => Promise<Float32Array>;
};

export type SaeTrainer = {
  /** Begins one step on ring rows `rowIndices` (batchSize of them) and returns. The ring may be
   *  appended to right after. Throws ShapeError on another count. */
  step: (rowIndices: Uint32Array) => void;
  /** Resolves when another step may begin. Rejects when the device is lost. */
  ready: () => Promise<void>;
  /** Metrics of finished steps not yet taken, in order; `all` waits for those in flight. */
  takeMetrics: (o?: { all?: boolean }) => Promise<StepMetrics[]>;
  /** V of what is rebuilt, from the next step on (sae.md §1). Take the metrics of all steps before. */
  setVariance: (variance: number) => void;
  /** ‖e‖² of ring rows under the weights as they are; any number of rows, a batch at a time. Changes
   *  nothing. Throws where the architecture cannot say (TopK family). */
  squaredErrors: (rowIndices: Uint32Array) => Promise<Float64Array>;
  /** Takes a few steps on the same rows and says what their kernels took, or why it cannot be known here. */
  profile: (rowIndices: Uint32Array) => Promise<StepProfiling>;
  /** null where the architecture has no sparse code */
  latents: TrainedLatents | null;
  /** The exact state after the last step begun: a run resumed from it repeats bit for bit. */
  readState: () => Promise<TrainerState>;
  /** Parameters in x units (not folded), W_enc [d_in, d_sae]. */
  readParams: () => Promise<SaeParams>;
  /** bytes it holds, without the ring */
  byteLength: () => number;
  dispose: () => void;
};

export type TrainerOptions = {
  config: SaeConfig;
  calibration: Calibration;
  state: TrainerState;
  /** of the same backend */
  ring: ActivationRing;
  /** a transcoder's: what it is to rebuild; row for row as `ring` */
  targets?: ActivationRing;
};

/** Throws ShapeError if a ring does not have the width of the SAE, or the two of a transcoder do not hold the
 *  same rows. */
export function checkRings({ config, ring, targets }: TrainerOptions): void {
  const isTranscoder = config.architecture === 'transcoder';
  invariant(isTranscoder === (targets !== undefined), 'a ring of targets for a transcoder only');
  for (const { d, rows } of [ring, targets ?? ring]) {
    if (d === config.d_in && rows === ring.rows) continue;
    throw new ShapeError(
      `ring of ${rows} rows of width ${d} for an SAE of d_in ${config.d_in} on ${ring.rows} rows`,
    );
  }
}
