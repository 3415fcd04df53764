// Hand-computed shapes of activations, and what has none.
import { describe, expect, it } from 'vitest';
import {
  kurtosisGivenFiring,
  momentsOverTokens,
  type PowerSums,
} from '../../../../src/core/statistics/activationMoments';

function sumsOf(acts: number[]): PowerSums {
  const power = (n: number) => acts.reduce((sum, act) => sum + act ** n, 0);
  return { sum: power(1), sum2: power(2), sum3: power(3), sum4: power(4) };
}

describe('kurtosisGivenFiring', () => {
  it('is −2 for two equally likely values, the least there is', () => {
    expect(kurtosisGivenFiring(4, sumsOf([1, 1, 3, 3]))).toBeCloseTo(-2, 12);
  });

  it('agrees with a case worked out by hand', () => {
    // 1, 2, 3, 10: mean 4, squares 9 4 1 36 → variance 12.5; fourths 81 16 1 1296 → 348.5.
    expect(kurtosisGivenFiring(4, sumsOf([1, 2, 3, 10]))).toBeCloseTo(348.5 / 12.5 ** 2 - 3, 12);
  });

  it('is null where nothing varies', () => {
    expect(kurtosisGivenFiring(0, sumsOf([]))).toBeNull();
    expect(kurtosisGivenFiring(1, sumsOf([5]))).toBeNull();
    expect(kurtosisGivenFiring(3, sumsOf([0.1, 0.1, 0.1]))).toBeNull();
  });
});

describe('momentsOverTokens', () => {
  it('counts silent tokens as zeros: kurtosis of a constant is 1/density', () => {
    const moments = momentsOverTokens(100, sumsOf([2, 2, 2, 2]));
    expect(moments.mean).toBeCloseTo(0.08, 12);
    expect(moments.meanSquare).toBeCloseTo(0.16, 12);
    expect(moments.kurtosis).toBeCloseTo(25, 9);
    expect(moments.skew).toBeCloseTo(5, 9);
  });

  it('has no shape for a dead latent', () => {
    const moments = momentsOverTokens(100, sumsOf([]));
    expect(moments).toEqual({ mean: 0, meanSquare: 0, skew: null, kurtosis: null });
  });
});
