import { expect, test } from 'vitest';
import { workgroupGrid } from '../../../../src/gpu/device/defineKernel';
import { memoizeAsync } from '../../../../src/gpu/device/pipelineCache';

test('a value is made once, even while it is pending', async () => {
  const cache = new Map<string, Promise<number>>();
  let made = 0;
  const make = () => Promise.resolve(++made);
  const [a, b] = await Promise.all([
    memoizeAsync(cache, 'k', make),
    memoizeAsync(cache, 'k', make),
  ]);
  expect([a, b, await memoizeAsync(cache, 'k', make)]).toEqual([1, 1, 1]);
});

test('a failure is forgotten', async () => {
  const cache = new Map<string, Promise<number>>();
  const failing = memoizeAsync(cache, 'k', () => Promise.reject(new Error('no driver')));
  await expect(failing).rejects.toThrow('no driver');
  expect(await memoizeAsync(cache, 'k', () => Promise.resolve(2))).toBe(2);
});

test('grids stay within 65,535 workgroups a dimension and cover the count', () => {
  expect(workgroupGrid(1)).toEqual([1, 1, 1]);
  expect(workgroupGrid(32_768)).toEqual([32_768, 1, 1]);
  const [x, y] = workgroupGrid(65_536 * 3 + 1);
  expect(x * y).toBeGreaterThanOrEqual(65_536 * 3 + 1);
  expect(Math.max(x, y)).toBeLessThan(65_536);
});
