import { describe, expect, it } from 'vitest';
import { densityHistogram } from '../../../../../src/core/evaluate/metrics/densityHistogram';
import {
  addSparsity,
  finishSparsity,
  makeSparsitySums,
  mergeSparsity,
} from '../../../../../src/core/evaluate/metrics/sparsityMetrics';
import { encoderDecoderCosine } from '../../../../../src/core/evaluate/metrics/weightMetrics';
import { EMPTY_SLOT, type SparseCode } from '../../../../../src/core/sae/sae';

/** Three tokens with 2, 1 and 0 active latents; latent 3 is kept with activation 0. */
const CODE: SparseCode = {
  k: 2,
  latentIndices: Uint32Array.of(0, 1, 0, 3, EMPTY_SLOT, EMPTY_SLOT),
  latentActs: Float32Array.of(2, 1, 4, 0, 0, 0),
};

describe('sparsity metrics', () => {
  it('are those of a case done by hand; a slot kept with 0 did not fire', () => {
    const sums = makeSparsitySums(4);
    addSparsity(sums, CODE, 3);
    const m = finishSparsity(sums);
    expect(m.l0).toBe(1);
    expect(m.l0Std).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(m.l1).toBeCloseTo(7 / 3, 12);
    expect(m.deadFractionEval).toBe(0.5);
    expect([...sums.fireCount]).toEqual([2, 1, 0, 0]);
    expect(m.denseOver10Percent).toBe(0.5);
  });

  it('count dense latents strictly above 1 % and 10 %', () => {
    const sums = makeSparsitySums(4);
    sums.tokens = 1000;
    sums.fireCount.set([10, 11, 100, 101]);
    expect(finishSparsity(sums)).toMatchObject({
      denseOver1Percent: 0.75,
      denseOver10Percent: 0.25,
    });
  });

  it('merge, and refuse the code of another number of tokens', () => {
    const sums = makeSparsitySums(4);
    addSparsity(sums, CODE, 3);
    const twice = makeSparsitySums(4);
    mergeSparsity(twice, sums);
    mergeSparsity(twice, sums);
    expect(twice.tokens).toBe(6);
    expect(finishSparsity(twice)).toMatchObject({ l0: 1, deadFractionEval: 0.5 });
    expect(() => addSparsity(sums, CODE, 4)).toThrow('expected 8 for 4 tokens');
  });

  it('have a deviation of exactly 0 where every token keeps k latents', () => {
    const sums = makeSparsitySums(4);
    const full = { k: 2, latentIndices: Uint32Array.of(0, 1), latentActs: Float32Array.of(1, 1) };
    for (let i = 0; i < 1000; i++) addSparsity(sums, full, 1);
    expect(finishSparsity(sums)).toMatchObject({ l0: 2, l0Std: 0 });
  });
});

it('the density histogram has decades from 10^-6 to 1, and those that never fired apart', () => {
  const { from, binWidth, counts, neverFired } = densityHistogram(
    [0, 1, 10, 10_000_000],
    10_000_000,
  );
  expect({ from, binWidth, neverFired }).toEqual({ from: -6, binWidth: 0.25, neverFired: 1 });
  expect(counts).toHaveLength(24);
  // 10^-7 counts in the lowest bin, 10^-6 begins it, 1 in the highest.
  expect(counts[0]).toBe(2);
  expect(counts[23]).toBe(1);
});

it('the encoder–decoder cosine compares a column with a row', () => {
  // latent 0: (1, 0)·(2, 0) → 1; latent 1: (0, 1)·(0, −3) → −1; latent 2 has no direction
  const W_enc = Float32Array.of(1, 0, 0, 0, 1, 0);
  const W_dec = Float32Array.of(2, 0, 0, -3, 0, 0);
  expect(encoderDecoderCosine({ d_in: 2, d_sae: 3, W_enc, W_dec })).toBeCloseTo(0, 12);
});
