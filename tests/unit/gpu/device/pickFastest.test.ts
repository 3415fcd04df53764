import { expect, test } from 'vitest';
import { pickFastest, type Candidate } from '../../../../src/gpu/device/pickFastest';

/** Candidates whose runs advance a clock by their milliseconds; null: its results are wrong. */
function makeBench(costs: Record<string, number | null>) {
  let time = 0;
  const begun: string[] = [];
  const candidates = Object.entries(costs).map(([name, cost]): Candidate => ({
    name,
    isRight: () => {
      begun.push(name);
      time += 5;
      return Promise.resolve(cost !== null);
    },
    run: (repeats) => {
      time += repeats * (cost ?? 0);
      return Promise.resolve();
    },
  }));
  return { candidates, begun, now: () => time };
}

const ENOUGH = () => Infinity;

test('the fastest wins, and what each took is told', async () => {
  const { candidates, now } = makeBench({ usual: 10, slow: 30, fast: 4 });
  expect(await pickFastest(candidates, { now, worth: ENOUGH })).toEqual({
    name: 'fast',
    ms: { usual: 10, slow: 30, fast: 4 },
  });
});

test('one whose results are wrong, or that the device refuses, never wins', async () => {
  const { candidates, now } = makeBench({ usual: 10, wrong: null, fast: 8, refused: 1 });
  candidates[3]!.isRight = () => Promise.reject(new Error('no such variant here'));
  expect(await pickFastest(candidates, { now, worth: ENOUGH })).toEqual({
    name: 'fast',
    ms: { usual: 10, fast: 8 },
  });
});

test('the usual one stays where another is faster by next to nothing', async () => {
  const { candidates, now } = makeBench({ usual: 10, other: 9.8 });
  expect((await pickFastest(candidates, { now, worth: ENOUGH }))?.name).toBe('usual');
});

test('none is begun once the time is spent that measuring is worth', async () => {
  const { candidates, begun, now } = makeBench({ usual: 10, second: 9, third: 1 });
  // usual takes 5 to check, 10 once and 3 · 20 measured; second begins before 80 ms are over, third after.
  const worth = (firstMs: number) => 8 * firstMs;
  expect((await pickFastest(candidates, { now, worth }))?.name).toBe('second');
  expect(begun).toEqual(['usual', 'second']);
});

test('a run too short to gain anything measures the usual one alone', async () => {
  const { candidates, begun, now } = makeBench({ usual: 10, second: 1 });
  expect((await pickFastest(candidates, { now, worth: () => 0 }))?.name).toBe('usual');
  expect(begun).toEqual(['usual']);
});

test('nothing right, nothing picked', async () => {
  const { candidates, now } = makeBench({ usual: null });
  expect(await pickFastest(candidates, { now, worth: ENOUGH })).toBeNull();
});
