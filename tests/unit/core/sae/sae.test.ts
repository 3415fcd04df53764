import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../src/core/errors';
import {
  learningRate,
  makeSaeConfig,
  ringRowsFor,
  totalSteps,
  type SaeConfigInput,
} from '../../../../src/core/sae/sae';

const input: SaeConfigInput = {
  hookPoint: 'blocks.2.hook_resid_post',
  d_in: 256,
  d_sae: 2048,
  k: 32,
  tokens: 500_000,
  batchSize: 1024,
  seed: 0,
  contextSize: 256,
};

describe('SaeConfig', () => {
  it('fills in the recipe of sae.md §2', () => {
    const config = makeSaeConfig(input);
    expect(totalSteps(config)).toBe(488);
    expect(config.lr).toBe(2 / 488);
    expect(config).toMatchObject({
      warmupSteps: 24,
      decaySteps: 97,
      k_aux: 64,
      deadAfterTokens: 50_000,
      auxKScale: 1 / 32,
      // 488 steps are four blocks of 122, not three of 128 and one that is filled for 104
      ringRows: 122 * 1024,
    });
  });

  it.each([
    ['a short run', 20_000, 128, 19],
    ['one block to the row', 131_072, 128, 128],
    ['one step more than a block', 129 * 1024, 128, 65],
    ['less than a step', 100, 128, 1],
  ])('shuffles %s at once, and reads no text for nothing', (_, tokens, most, batches) => {
    expect(ringRowsFor({ tokens, batchSize: 1024 }, most)).toBe(batches * 1024);
  });

  it('warms up from step 0, holds, and falls linearly to its last step', () => {
    const config = makeSaeConfig(input);
    expect(learningRate(config, 0)).toBeCloseTo(config.lr / 24, 12);
    expect(learningRate(config, 23)).toBe(config.lr);
    expect(learningRate(config, 391)).toBe(config.lr);
    expect(learningRate(config, 487)).toBeCloseTo(config.lr / 97, 12);
  });

  it.each([
    [{ k: 2049 }, 'k', 'k must be a whole number from 1 to 1024: 2049'],
    [{ k: 0 }, 'k', 'k must be a whole number from 1 to 1024: 0'],
    [{ tokens: 100 }, 'tokens', 'tokens must be a whole number from 1024'],
    [{ seed: -1 }, 'seed', 'seed must be a whole number from 0'],
    [{ ringRows: 1500 }, 'ringRows', 'ringRows must be a multiple of batchSize'],
    [{ lr: Number.NaN }, 'lr', 'lr must be above 0'],
    [{ bDecInit: 'median' as 'mean' }, 'bDecInit', 'bDecInit must be one of mean, geometric'],
    [{ emaDecay: 1 }, 'emaDecay', 'emaDecay must be at least 0 and below 1: 1'],
    [{ adamBeta1: 1 }, 'adamBeta1', 'adamBeta1 must be at least 0 and below 1: 1'],
  ])('names field, value and bound of %j', (change, field, message) => {
    const make = () => makeSaeConfig({ ...input, ...change });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
    try {
      make();
    } catch (thrown) {
      expect((thrown as ConfigError).field).toBe(field);
    }
  });
});
