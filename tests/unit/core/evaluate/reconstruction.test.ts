import { describe, expect, it } from 'vitest';
import { makeReconstructionMeter, reconstruct } from '../../../../src/core/evaluate/reconstruction';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../../../src/core/sae/sae';

const params: SaeParams = {
  architecture: 'topk',
  d_in: 2,
  d_sae: 3,
  k: 2,
  W_enc: new Float32Array(6),
  b_enc: new Float32Array(3),
  W_dec: Float32Array.from([1, 0, 0, 1, -1, 0]),
  b_dec: Float32Array.from([10, 20]),
  applyBDecToInput: true,
};
const silent = (n: number): SparseCode => ({
  k: 2,
  latentIndices: new Uint32Array(n * 2).fill(EMPTY_SLOT),
  latentActs: new Float32Array(n * 2),
});

describe('reconstruction', () => {
  it('adds the kept directions to b_dec', () => {
    const code: SparseCode = {
      k: 2,
      latentIndices: Uint32Array.of(0, 1, 2, EMPTY_SLOT),
      latentActs: Float32Array.of(3, 4, 5, 0),
    };
    expect([...reconstruct(params, code, 2)]).toEqual([13, 24, 5, 20]);
  });

  it('gives explained variance 0 to the mean, whatever its offset (sae.md §10)', () => {
    const meter = makeReconstructionMeter({ ...params, b_dec: Float32Array.from([1e4, 2e4]) });
    meter.add(Float32Array.from([1e4 - 1, 2e4, 1e4 + 1, 2e4]), silent(2));
    meter.add(Float32Array.from([1e4, 2e4 - 2, 1e4, 2e4 + 2]), silent(2));
    const metrics = meter.finish();
    expect(metrics.explainedVariance).toBeCloseTo(0, 9);
    expect(metrics.mse).toBeCloseTo((1 + 1 + 4 + 4) / 4, 9);
    expect(metrics).toMatchObject({ tokens: 4, l0: 0, deadFractionEval: 1 });
  });

  it('gives 1 to a perfect reconstruction and counts what fired', () => {
    const meter = makeReconstructionMeter(params);
    const code: SparseCode = {
      k: 2,
      latentIndices: Uint32Array.of(0, EMPTY_SLOT, 0, 1),
      latentActs: Float32Array.of(1, 0, 2, 7),
    };
    meter.add(Float32Array.from([11, 20, 12, 27]), code);
    const metrics = meter.finish();
    expect(metrics.explainedVariance).toBe(1);
    expect(metrics.l0).toBe(1.5);
    expect(metrics.deadFractionEval).toBeCloseTo(1 / 3);
  });
});
