import { describe, expect, it } from 'vitest';
import { hookPoint } from '../../../../src/core/activations/hookPoint';
import { makeSaeConfig, type SaeConfig } from '../../../../src/core/sae/sae';
import {
  memoryParts,
  memoryTogether,
  nextGroup,
  unsharedField,
} from '../../../../src/core/train/trainingMemory';

function config(layer: number, o: Partial<SaeConfig> = {}): SaeConfig {
  return makeSaeConfig({
    hookPoint: hookPoint(layer, 'hook_resid_post'),
    d_in: 100,
    d_sae: 1000,
    k: 4,
    tokens: 10_000,
    batchSize: 10,
    seed: 1,
    contextSize: 16,
    ringRows: 1000,
    ...o,
  });
}
/** 24·d·n + 4·B·n + 12·B·d */
const ALONE = 2_400_000 + 40_000 + 12_000;
/** 2·d·rows */
const RING = 200_000;

describe('memory of one run', () => {
  it('counts the gradients and activations that the dense architectures keep', () => {
    const sizes = { d_in: 100, d_sae: 1000, batchSize: 10, ringRows: 1000 };
    const bytes = (architecture: 'relu' | 'gated') =>
      memoryParts({ ...sizes, architecture }).map((part) => part.bytes);
    expect(bytes('relu')).toEqual([3_200_000, RING, 3 * 40_000, 12_000]);
    expect(bytes('gated')).toEqual([3_200_000, RING, 5 * 40_000, 12_000]);
  });
});

describe('memory of runs together', () => {
  it('counts one ring for each hook point', () => {
    expect(memoryTogether([config(0)])).toBe(ALONE + RING);
    expect(memoryTogether([config(0), config(0, { k: 8 })])).toBe(2 * ALONE + RING);
    expect(memoryTogether([config(0), config(1)])).toBe(2 * ALONE + 2 * RING);
  });
});

describe('the next group', () => {
  it('takes what reads the same tokens and fits, in order', () => {
    const runs = [config(0), config(1), config(2, { seed: 2 }), config(3)];
    expect(nextGroup(runs, 1e9)).toEqual([0, 1, 3]);
    expect(nextGroup(runs, 2 * (ALONE + RING))).toEqual([0, 1]);
  });

  it('never waits for memory that no run alone has', () => {
    expect(nextGroup([config(0), config(1)], 1)).toEqual([0]);
  });

  it('names what keeps two apart', () => {
    expect(unsharedField(config(0), config(1, { k: 9 }))).toBeNull();
    expect(unsharedField(config(0), config(0, { batchSize: 20 }))).toBe('batchSize');
  });
});
