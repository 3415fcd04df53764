import { describe, expect, it } from 'vitest';
import {
  frameOf,
  latentBids,
  latentLife,
  makeBirths,
} from '../../../../src/core/explore/latentLife';
import type { SaeParams } from '../../../../src/core/sae/sae';
import {
  latentMoment,
  latentRowsOf,
  type LatentMoment,
  type Snapshot,
} from '../../../../src/core/sae/snapshots';

function moments(...list: [step: number, decoderCosine: number, isDead: boolean][]) {
  return list.map(([step, decoderCosine, isDead]): LatentMoment => ({
    step,
    decoderCosine,
    isDead,
    encoderCosine: decoderCosine,
    b_enc: 0,
    tokensSinceFired: 0,
  }));
}

describe('the life of a latent', () => {
  it('begins where its direction last came near the final one', () => {
    const drifting = moments([0, 0.6, false], [1, 0.2, false], [2, 0.7, false], [4, 1, false]);
    expect(latentLife(drifting)).toEqual({ birth: 2, death: null });
    expect(latentLife(moments([0, 0.9, false], [4, 1, false])).birth).toBe(0);
  });

  it('ends where its last silence began, and only if it ended silent', () => {
    const revived = moments([0, 1, false], [1, 1, true], [2, 1, false], [4, 1, false]);
    expect(latentLife(revived).death).toBeNull();
    const dead = moments([0, 1, false], [1, 1, true], [2, 1, false], [4, 1, true], [8, 1, true]);
    expect(latentLife(dead).death).toBe(4);
    expect(latentLife([])).toEqual({ birth: null, death: null });
  });
});

it('births of all latents are those of each', () => {
  const d_in = 3;
  const snapshotAt = (step: number, ...rows: number[]): Snapshot => {
    const W_dec = Float32Array.from(rows);
    const d_sae = rows.length / d_in;
    const b = { b_enc: new Float32Array(d_sae), b_dec: new Float32Array(d_in) };
    const shape = { architecture: 'topk' as const, k: 1, d_in, d_sae, applyBDecToInput: false };
    const params = { ...shape, ...b, W_dec, W_enc: new Float32Array(d_in * d_sae) };
    return { step, params, tokensSinceFired: new Uint32Array(d_sae) };
  };
  // Near, away and back; near from the start; turned late; a zero row, which is near nothing.
  const all = [
    snapshotAt(0, ...[1, 0, 0], ...[0, 1, 0], ...[0, 1, 0], ...[1, 0, 0]),
    snapshotAt(1, ...[0, 1, 0], ...[0, 1, 0.1], ...[0, 1, 0], ...[1, 0, 0]),
    snapshotAt(2, ...[1, 0.2, 0], ...[0, 1, 0], ...[0.1, 0, 1], ...[1, 0, 0]),
    snapshotAt(4, ...[1, 0, 0], ...[0, 1, 0], ...[0, 0, 1], ...[0, 0, 0]),
  ];
  const last = all.at(-1)!;
  const births = makeBirths(last.params);
  for (const snapshot of all) births.add(snapshot);
  expect(births.steps).toEqual([2, 0, 2, null]);
  const own = [0, 1, 2, 3].map((i) => {
    const rows = all.map((snapshot) => latentRowsOf(snapshot, i));
    return latentLife(rows.map((row) => latentMoment(row, rows.at(-1)!, 10))).birth;
  });
  expect(births.steps).toEqual(own);
});

/** Two inputs, three latents along (1,0), (0,1) and (0.8,0.6). */
const PARAMS: SaeParams = {
  architecture: 'topk',
  k: 1,
  d_in: 2,
  d_sae: 3,
  applyBDecToInput: true,
  W_enc: Float32Array.from([3, 0, 0.8, 4, 1, 0.6]),
  b_enc: Float32Array.from([-1, 0, 0]),
  W_dec: Float32Array.from([1, 0, 0, 1, 0.8, 0.6]),
  b_dec: Float32Array.from([1, 0]),
};

it('a frame tells the encoder norm and the closest other direction', () => {
  const snapshot: Snapshot = { step: 3, params: PARAMS, tokensSinceFired: new Uint32Array(3) };
  const rows = latentRowsOf(snapshot, 0);
  const frame = frameOf(latentMoment(rows, rows, 10), snapshot, 0);
  expect(frame.encoderNorm).toBeCloseTo(5);
  expect(frame.nearest!.latentIndex).toBe(2);
  expect(frame.nearest!.cosine).toBeCloseTo(0.8);
});

it('a bid is max(h, 0) of the centred row, by the rule where there is one', () => {
  const x = Float32Array.from([2, 1, 0, 0]);
  // (2−1)·3 + 1·4 − 1 = 6; (0−1)·3 − 1 < 0.
  expect([...latentBids(PARAMS, 0, x)]).toEqual([6, 0]);
  const jump: SaeParams = {
    ...PARAMS,
    architecture: 'jumprelu',
    threshold: Float32Array.from([7, 0, 0]),
  };
  expect([...latentBids(jump, 0, x)]).toEqual([0, 0]);
});
