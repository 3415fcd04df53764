// Two SAEs matched by direction: a permuted copy pairs up whole, and what is new is left over.
import { expect, it } from 'vitest';
import { matchLatents, type NearestOf } from '../../../../src/core/explore/matchLatents';
import { nearestRows, unitRows } from '../../../../src/core/numeric/nearestRows';
import { makeRng } from '../../../../src/core/numeric/rng';

const D = 8;

function nearest(queries: Float32Array, among: Float32Array): NearestOf {
  const rows = (W: Float32Array) => unitRows(W, W.length / D, D);
  const n = among.length / D;
  const query = { queries: rows(queries), among: rows(among), n, d: D, k: 1, skipSelf: false };
  return nearestRows(query, 0, queries.length / D);
}

const rng = makeRng(3);
const A = Float32Array.from({ length: 20 * D }, () => rng.normal());
const row = (latent: number) => A.subarray(latent * D, (latent + 1) * D);

it('pairs every latent of a permuted and rescaled copy, with cosine 1', () => {
  const B = Float32Array.from(
    Array.from({ length: 20 }, (_, i) => [...row(19 - i)].map((w) => 3 * w)).flat(),
  );
  const { matches, unmatchedOthers } = matchLatents(nearest(A, B), nearest(B, A));
  expect(unmatchedOthers).toHaveLength(0);
  for (const match of matches) {
    expect(match.isMutual).toBe(true);
    expect(match.otherIndex).toBe(19 - match.latentIndex);
    expect(match.cosine).toBeCloseTo(1, 5);
  }
});

it('lets the closer of two claim a direction, and lists what is left on both sides', () => {
  const e = (i: number, j = i, w = 0) =>
    Array.from({ length: D }, (_, at) => (at === i ? 1 : 0) + (at === j ? w : 0));
  // Latents 0 and 1 both lean to other 0; nobody is near other 1.
  const here = Float32Array.from([...e(0), ...e(0, 1, 0.5)]);
  const there = Float32Array.from([...e(0), ...e(5)]);
  const { matches, unmatchedOthers } = matchLatents(nearest(here, there), nearest(there, here));
  expect(matches.map(({ latentIndex, isMutual }) => [latentIndex, isMutual])).toEqual([
    [0, true],
    [1, false],
  ]);
  expect(matches[1]!.otherIndex).toBe(0);
  expect([...unmatchedOthers]).toEqual([1]);
});
