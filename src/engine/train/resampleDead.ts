// Resamples the dead latents of one trainer between two steps, from rows of its activation ring. All random
// draws follow from (config, steps done), so a resumed run resamples like an uninterrupted one. Costs a
// readback and an upload of the state (24 bytes a weight) and a forward pass of the SAE over the inputs,
// whose errors are read back a batch at a time.
import { makeRng, seededPermutation } from '../../core/numeric/rng';
import { drawBadlyRebuilt, resampleLatents } from '../../core/train/resampling';
import type { ResampleFields } from '../../core/sae/resampleFields';
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import { deadLatents, type TrainerState } from '../../core/train/trainerState';
import type { ActivationRing } from '../../core/train/activationRing';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { SaeTrainer } from '../../core/train/saeTrainer';

/** Streams of the seed: which rows of the ring are considered after step s, and which of them are drawn. */
const ROWS_STREAM = 0x4000_0000;
const DRAW_STREAM = 0x5000_0000;

type Trained = {
  config: SaeConfig;
  calibration: Calibration;
  ring: ActivationRing;
  /** of the block that is in the ring */
  rows: number;
  trainer: SaeTrainer;
};

/** The trainer to continue with: the given one if nothing is dead, otherwise a new one that replaces it.
 *  Metrics of the given one that were not read are lost. */
export async function resampleDead(backend: SaeBackend, one: Trained): Promise<SaeTrainer> {
  const { config, trainer, calibration, ring } = one;
  const state = await trainer.readState();
  const dead = deadLatents(state.tokensSinceFired, config.deadAfterTokens);
  if (dead.length === 0) return trainer;
  const inputs = await drawInputs(one, state, dead.length);
  const changed = resampleLatents(state, dead, inputs, config.emaDecay);
  trainer.dispose();
  return backend.createTrainer({ config, calibration, state: changed, ring });
}

/** xc of at most `count` rows, drawn by their reconstruction error. */
async function drawInputs(
  { config, ring, rows, trainer }: Trained,
  { step, b_dec }: TrainerState,
  count: number,
): Promise<Float32Array> {
  const { initSeed: seed, d_in, applyBDecToInput } = config;
  const { resampleInputs } = config as SaeConfig & ResampleFields;
  const looked = seededPermutation(rows, seed, ROWS_STREAM + step).subarray(0, resampleInputs);
  const losses = await trainer.squaredErrors(looked);
  const drawn = drawBadlyRebuilt(losses, count, makeRng(seed, DRAW_STREAM + step));
  const inputs = await ring.readRows(drawn.map((which) => looked[which] ?? 0));
  return applyBDecToInput ? inputs.map((x, at) => x - (b_dec[at % d_in] ?? 0)) : inputs;
}
