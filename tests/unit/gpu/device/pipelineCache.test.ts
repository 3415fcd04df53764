import { expect, test } from 'vitest';
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
