import { expect, test } from 'vitest';
import { shareOfLimit } from '../../../../src/core/train/stepProfile';

const LIMITS = { flop: 1e12, bytes: 1e11 };
const kernel = (ms: number, flop: number, bytes: number) => ({
  name: '',
  ms,
  work: { flop, bytes },
});

test('the share is of whichever limit takes longer', () => {
  // 1 GFLOP takes 1 ms at the limit, 0.1 GB also; of twice the time that is a half.
  expect(shareOfLimit(kernel(2, 1e9, 1e7), LIMITS)).toBeCloseTo(0.5);
  expect(shareOfLimit(kernel(2, 1e8, 1e8), LIMITS)).toBeCloseTo(0.5);
});

test('no share without counted work or without time', () => {
  expect(shareOfLimit({ name: '', ms: 1, work: null }, LIMITS)).toBeNull();
  expect(shareOfLimit(kernel(0, 1, 1), LIMITS)).toBeNull();
});
