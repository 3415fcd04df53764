// What the quality bench concludes from runs: coefficient search, threshold, means at equal L0.
import { describe, expect, it } from 'vitest';
import { recalibrate } from '../../../bench/quality/recalibrate';
import { seekCoefficient } from '../../../bench/quality/seekCoefficient';
import { compare, summariseSide } from '../../../bench/quality/summary';
import type { Measured } from '../../../bench/quality/runs';
import type { SaeMetrics } from '../../../src/core/evaluate/evaluation';
import { makeRng } from '../../../src/core/numeric/rng';
import type { JumpReluParams } from '../../../src/core/sae/sae';
import { encodeToken } from '../../helpers/sae/reconstruct';

describe('seekCoefficient', () => {
  it.each([
    { start: 3, exponent: -1, power: -1.6 },
    { start: 20, exponent: -1, power: -0.7 },
    { start: 10, exponent: 1, power: 1 },
  ])('finds L0 32 where L0 goes as the power $power', async ({ start, exponent, power }) => {
    const points = await seekCoefficient({ start, exponent }, 32, (coefficient) =>
      Promise.resolve({ l0: 100 * coefficient ** power, explainedVariance: 0.5 }),
    );
    expect(points.length).toBeGreaterThan(1);
    expect(points.length).toBeLessThanOrEqual(4);
    expect(Math.abs(Math.log((points[0]?.l0 ?? NaN) / 32))).toBeLessThan(0.02);
  });

  it('tries a second coefficient where the first one hits, for the slope', async () => {
    const points = await seekCoefficient({ start: 2, exponent: -1 }, 32, (coefficient) =>
      Promise.resolve({ l0: 64 / coefficient, explainedVariance: 0.5 }),
    );
    expect(points.map(({ coefficient }) => coefficient)).toEqual([2, expect.any(Number)]);
  });
});

describe('recalibrate', () => {
  it('sets one threshold at which the wanted number fires', () => {
    const [d_in, d_sae, rows] = [6, 20, 50];
    const rng = makeRng(4);
    const random = (length: number) => Float32Array.from({ length }, () => rng.normal());
    const params: JumpReluParams = {
      architecture: 'jumprelu',
      d_in,
      d_sae,
      applyBDecToInput: true,
      W_enc: random(d_in * d_sae),
      b_enc: random(d_sae),
      W_dec: random(d_sae * d_in),
      b_dec: random(d_in),
      threshold: new Float32Array(d_sae),
    };
    const x = random(rows * d_in);
    const set = recalibrate(params, x, 3);
    let active = 0;
    for (let row = 0; row < rows; row++) {
      const code = encodeToken(set, x.subarray(row * d_in, (row + 1) * d_in));
      active += code.latentActs.filter((act) => act > 0).length;
    }
    expect(active / rows).toBeCloseTo(3, 1);
    expect(new Set(set.threshold).size).toBe(1);
  });
});

describe('summary', () => {
  const measured = (explainedVariance: number, l0: number, deadFraction = 0): Measured => ({
    side: 'ours',
    architecture: 'relu',
    seed: 0,
    coefficient: 3,
    seconds: 1,
    deadFraction,
    metrics: { explainedVariance, l0, deadFractionEval: 0, ceLossRecovered: 0.9 } as SaeMetrics,
  });
  const search = [
    { coefficient: 3, l0: 32, explainedVariance: 0.7 },
    { coefficient: 4, l0: 32 / Math.E, explainedVariance: 0.6 },
  ];

  it('moves explained variance to the common L0 along the search, and tells the spread', () => {
    const ours = summariseSide([measured(0.7, 32 * Math.E ** 0.1), measured(0.72, 32)], search);
    expect(ours.explainedVariance).toBeCloseTo(0.71, 12);
    expect(ours.explainedVarianceAtL0).toBeCloseTo((0.7 - 0.01 + 0.72) / 2, 12);
    expect(ours.spread.explainedVariance).toBeCloseTo(0.02, 12);
    expect(summariseSide([measured(0.7, 20)], []).explainedVarianceAtL0).toBe(0.7);
  });

  it('is within 0.005 of the best peer or is not', () => {
    const side = (value: number, dead = 0) => summariseSide([measured(value, 32, dead)], []);
    const peers = { torch: side(0.7, 0.1), saelens: side(0.69, 0.2) };
    expect(compare({ ours: side(0.696), peers })).toMatchObject({ isWithin: true });
    expect(compare({ ours: side(0.694, 0.15), peers })).toMatchObject({ isWithin: false });
    expect(compare({ ours: side(0.694, 0.15), peers })?.deadAboveFewest).toBeCloseTo(0.05, 12);
    expect(compare({ peers })).toBeNull();
  });
});
