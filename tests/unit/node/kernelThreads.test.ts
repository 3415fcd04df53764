import { expect, test } from 'vitest';
import { threadCount } from '../../../src/node/kernelThreads';

test.each([
  [undefined, 2, 2],
  [undefined, 64, 8],
  ['1', 64, 1],
  ['4', 2, 4],
  ['64', 2, 8],
  ['', 2, 2],
  ['0', 2, 2],
  ['1,2', 3, 3],
])('OMP_NUM_THREADS=%s on %i cores: %i threads', (wanted, cores, threads) => {
  expect(threadCount(wanted, cores)).toBe(threads);
});
