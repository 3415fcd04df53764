import { expect, it } from 'vitest';
import { rankCorrelation } from '../../../../src/core/numeric/rankCorrelation';

it('is 1 for the same order, −1 for the reverse, and takes ties at their mean rank', () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 100, 1000, 10_000])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]).statistic
  expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 12);
});

it('says nothing of two pairs, or of what never changes', () => {
  expect(rankCorrelation([1, 2], [1, 2])).toBeNull();
  expect(rankCorrelation([5, 5, 5], [1, 2, 3])).toBeNull();
});
