import { expect, it } from 'vitest';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import {
  deadLatents,
  initTrainerState,
  trainerStateParams,
} from '../../../../src/core/train/trainerState';

const config = makeSaeConfig({
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 12,
  d_sae: 30,
  k: 3,
  tokens: 640,
  batchSize: 64,
  seed: 4,
  contextSize: 16,
});
const mean = Float32Array.from({ length: 12 }, (_, i) => i / 7);
const calibration = { tokens: 64, inputScale: 2, mean, variance: 3 };

it('starts from unit rows, a copy of them as encoder, no bias, and the sample mean', () => {
  const { W_dec, W_enc, b_enc, b_dec, step } = initTrainerState(config, calibration);
  for (let latent = 0; latent < 30; latent++) {
    expect(Math.hypot(...W_dec.subarray(latent * 12, latent * 12 + 12))).toBeCloseTo(1, 6);
  }
  expect(W_enc).toEqual(W_dec);
  expect(W_enc.buffer).not.toBe(W_dec.buffer);
  expect(b_enc.every((value) => value === 0)).toBe(true);
  expect(b_dec).toEqual(mean);
  // A run must not write into its calibration.
  expect(b_dec.buffer).not.toBe(mean.buffer);
  expect(step).toBe(0);
});

it('starts b_dec at 0 or at the mean, as the configuration says; free rows at 0', () => {
  const { d_in, d_sae, tokens, batchSize, seed, contextSize, hookPoint } = config;
  const shape = { d_in, d_sae, tokens, batchSize, seed, contextSize, hookPoint };
  for (const architecture of ['relu', 'gated', 'jumprelu'] as const) {
    const start = (bDecInit?: 'zero' | 'mean') =>
      initTrainerState(
        makeSaeConfig({ ...shape, architecture, ...(bDecInit && { bDecInit }) }),
        calibration,
      ).b_dec;
    expect(start('zero')).toEqual(new Float32Array(12));
    expect(start('mean')).toEqual(mean);
    expect(start()).toEqual(architecture === 'gated' ? mean : new Float32Array(12));
  }
});

it('is fixed by the seed', () => {
  const again = initTrainerState(config, calibration);
  expect(initTrainerState(config, calibration)).toEqual(again);
  // The order of the data is another matter.
  expect(initTrainerState({ ...config, seed: 5 }, calibration)).toEqual(again);
  expect(makeSaeConfig({ ...config, seed: 5, initSeed: 4 }).initSeed).toBe(4);
  expect(initTrainerState({ ...config, initSeed: 5 }, calibration).W_dec).not.toEqual(again.W_dec);
});

it('gives W_enc as [d_in, d_sae]', () => {
  const state = initTrainerState(config, calibration);
  const { W_enc, W_dec } = trainerStateParams(state, config);
  expect(W_enc[5 * 30 + 17]).toBe(state.W_enc[17 * 12 + 5]);
  expect(W_dec).toBe(state.W_dec);
});

it('calls dead what has been silent for deadAfterTokens tokens, not for one less', () => {
  expect([...deadLatents(Uint32Array.of(9, 10, 0, 11), 10)]).toEqual([1, 3]);
});
