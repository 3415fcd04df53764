// One SAE through its model's training, by hand.
import { expect, it } from 'vitest';
import {
  decoderDrift,
  followLatents,
  type StepReading,
} from '../../../../src/core/explore/followedRun';
import { EMPTY_SLOT, type SaeParams } from '../../../../src/core/sae/sae';

/** acts: per token, latent → activation; each token a pass of its own, as a long text's parts are. */
function reading(step: number, acts: Record<number, number>[]): StepReading {
  const parts = acts.map((token) => {
    const slots = Object.entries(token);
    const k = Math.max(1, slots.length) + 1;
    const latentIndices = new Uint32Array(k).fill(EMPTY_SLOT);
    latentIndices.set(slots.map(([latent]) => Number(latent)));
    const latentActs = new Float32Array(k);
    latentActs.set(slots.map(([, act]) => act));
    return { code: { k, latentIndices, latentActs }, tokens: 1 };
  });
  return { step, parts };
}

it('tells how often a latent fires, how like the end, and since when', () => {
  const followed = followLatents(
    [
      reading(10, [{ 3: 2 }, {}, { 7: 1 }, {}]),
      reading(20, [{}, { 5: 3, 3: 1 }, {}, {}]),
      reading(30, [{}, { 5: 6 }, { 5: 2 }, {}]),
      reading(40, [{}, { 5: 3, 3: 4 }, { 5: 4 }, {}]),
    ],
    null,
  );
  expect(followed).toMatchObject([
    // Equally strong at the end: by index. 3 fires on the token of the end at 20, not at 30.
    { latentIndex: 3, largest: 4, rates: [0.25, 0.25, 0, 0.25], cosines: [0, 1, 0, 1], born: 40 },
    { latentIndex: 5, largest: 4, rates: [0, 0.25, 0.5, 0.5], born: 20, decoderCosines: null },
    { latentIndex: 7, largest: 0, cosines: [0, 0, 0, 0], born: null },
  ]);
  const [, five] = followed;
  expect(five?.cosines[1]).toBeCloseTo(3 / 5, 12);
  expect(five?.cosines[2]).toBeCloseTo((6 * 3 + 2 * 4) / Math.hypot(6, 2) / 5, 12);
  expect(five?.cosines[3]).toBeCloseTo(1, 12);
});

it('tells how far the directions of a chain of SAEs have come', () => {
  const params = (rows: number[][]): SaeParams => ({
    architecture: 'relu',
    ...{ d_in: 2, d_sae: 2, applyBDecToInput: false },
    ...{ W_enc: new Float32Array(4), b_enc: new Float32Array(2), b_dec: new Float32Array(2) },
    W_dec: Float32Array.from(rows.flat()),
  });
  const last = params([
    [1, 0],
    [0, 1],
  ]);
  const drift = decoderDrift(
    params([
      [3, 4],
      [0, 0],
    ]),
    last,
  );
  expect(drift[0]).toBeCloseTo(0.6, 6);
  expect(drift[1]).toBe(0);
  const at = [reading(1, [{ 0: 1 }]), reading(2, [{ 0: 1 }])];
  const [first] = followLatents(at, [drift, decoderDrift(last, last)]);
  expect(first?.decoderCosines?.[0]).toBeCloseTo(0.6, 6);
  expect(first?.decoderCosines?.[1]).toBe(1);
});

it('has nothing to tell of no checkpoint', () => {
  expect(followLatents([], null)).toEqual([]);
});
