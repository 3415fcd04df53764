// A run that begins with a trained SAE: its first state is that SAE, in the units of the new run's input.
import { expect, it } from 'vitest';
import { makeRng } from '../../../../src/core/numeric/rng';
import { foldSae } from '../../../../src/core/sae/saeFold';
import { makeSaeConfig, type SaeParams } from '../../../../src/core/sae/sae';
import {
  initTrainerState,
  trainerStateFrom,
  trainerStateParams,
} from '../../../../src/core/train/trainerState';

const config = makeSaeConfig({
  ...{ hookPoint: 'blocks.0.hook_resid_post', d_in: 3, d_sae: 5, k: 2 },
  ...{ tokens: 64, batchSize: 8, seed: 1, contextSize: 8 },
});
const calibration = { tokens: 8, inputScale: 0.125, mean: Float32Array.of(1, 2, 3), variance: 1 };

function trained(): SaeParams {
  const rng = makeRng(3);
  const random = (length: number) => Float32Array.from({ length }, () => rng.normal());
  const { d_in, d_sae, k, applyBDecToInput } = config;
  const params = { d_in, d_sae, k, applyBDecToInput, architecture: 'topk' as const };
  const unit = trainerStateParams(initTrainerState(config, calibration), config).W_dec;
  return foldSae(
    { ...params, W_enc: random(15), b_enc: random(5), W_dec: unit, b_dec: random(3) },
    { inputScale: 0.5 },
  );
}

it('is that SAE again once it is folded, whatever the scale of the input', () => {
  const params = trained();
  const state = trainerStateFrom(params, config, calibration);
  expect(state.step).toBe(0);
  const back = foldSae(trainerStateParams(state, config), calibration);
  for (const name of ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const) {
    expect(back[name].length).toBe(params[name].length);
    back[name].forEach((value, i) => expect(value).toBeCloseTo(params[name][i]!, 5));
  }
});

it('is refused for another size and another architecture, with both', () => {
  const params = trained();
  expect(() => trainerStateFrom({ ...params, d_sae: 4 }, config, calibration)).toThrow(
    'd_sae: the SAE to begin with is 3 × 4, this run 3 × 5',
  );
  const { W_enc, b_enc, W_dec, b_dec, d_in, d_sae, applyBDecToInput } = params;
  const relu = { W_enc, b_enc, W_dec, b_dec, d_in, d_sae, applyBDecToInput, architecture: 'relu' };
  expect(() => trainerStateFrom(relu as SaeParams, config, calibration)).toThrow('relu, topk');
});
