import { describe, expect, it } from 'vitest';
import {
  addReconstruction,
  finishReconstruction,
  makeReconstructionSums,
  mergeReconstruction,
} from '../../../../../src/core/evaluate/metrics/reconstructionMetrics';
import { makeRng } from '../../../../../src/core/numeric/rng';

function metricsOf(batches: readonly (readonly [number[], number[]])[], d_in: number) {
  const sums = makeReconstructionSums(d_in);
  for (const [saeIn, saeOut] of batches) addReconstruction(sums, saeIn, saeOut);
  return finishReconstruction(sums);
}

describe('reconstruction metrics', () => {
  it('are those of a case done by hand', () => {
    // y = (3, 4), (0, 2); ŷ = (3, 0), (0, 1): e = (0, 4), (0, 1)
    const m = metricsOf(
      [
        [
          [3, 4, 0, 2],
          [3, 0, 0, 1],
        ],
      ],
      2,
    );
    expect(m.tokens).toBe(2);
    expect(m.mse).toBeCloseTo((16 + 1) / 2, 12);
    expect(m.nmse).toBeCloseTo((16 / 25 + 1 / 4) / 2, 12);
    // ȳ = (1.5, 3): Σ‖y − ȳ‖² = 2·(1.5² + 1²)
    expect(m.fvu).toBeCloseTo(17 / 6.5, 12);
    expect(m.explainedVariance).toBeCloseTo(1 - 17 / 6.5, 12);
    expect(m.explainedVarianceLegacy).toBeCloseTo((1 - 16 / 3.25 + (1 - 1 / 3.25)) / 2, 12);
    // Var(e): second dimension 4, 1 about 2.5
    expect(m.fracVarianceExplained).toBeCloseTo(1 - 4.5 / 6.5, 12);
    expect(m.cosine).toBeCloseTo((9 / (5 * 3) + 1) / 2, 12);
    expect(m.l2Ratio).toBeCloseTo((3 / 5 + 1 / 2) / 2, 12);
    expect(m.relativeReconstructionBias).toBeCloseTo((9 + 1) / (9 + 2), 12);
  });

  it('give explained variance 0 to ȳ, whatever its offset and the batches (sae.md §10)', () => {
    const mean = [1e6, -2e6];
    const m = metricsOf(
      [
        [
          [1e6 - 1, -2e6, 1e6 + 1, -2e6],
          [...mean, ...mean],
        ],
        [
          [1e6, -2e6 - 2, 1e6, -2e6 + 2],
          [...mean, ...mean],
        ],
      ],
      2,
    );
    expect(m.explainedVariance).toBeCloseTo(0, 9);
    expect(m.mse).toBeCloseTo((1 + 1 + 4 + 4) / 4, 9);
  });

  it('forgive a constant offset only by the name that does', () => {
    const saeIn = [1, 2, 3, 5];
    const m = metricsOf([[saeIn, saeIn.map((value) => value + 10)]], 1);
    expect(m.fracVarianceExplained).toBeCloseTo(1, 12);
    expect(m.explainedVariance).toBeLessThan(-10);
  });

  it('are the same whether batches are added in one place or merged from several', () => {
    const rng = makeRng(11);
    const batch = (n: number, offset: number) => {
      const saeIn = Array.from({ length: n * 3 }, () => offset + rng.normal());
      return [saeIn, saeIn.map((value) => value + 0.3 * rng.normal())] as const;
    };
    const batches = [batch(1, 5), batch(7, -3), batch(4, 100)] as const;
    const together = makeReconstructionSums(3);
    for (const [saeIn, saeOut] of batches) addReconstruction(together, saeIn, saeOut);
    const merged = makeReconstructionSums(3);
    for (const [saeIn, saeOut] of batches) {
      const part = makeReconstructionSums(3);
      addReconstruction(part, saeIn, saeOut);
      mergeReconstruction(merged, part);
    }
    const expected = finishReconstruction(together);
    for (const [name, value] of Object.entries(finishReconstruction(merged))) {
      expect(value, name).toBeCloseTo(expected[name as keyof typeof expected], 10);
    }
  });

  it('stay finite where a token is zero, and refuse rows that do not fit', () => {
    const m = metricsOf(
      [
        [
          [0, 0, 1, 1],
          [0, 0, 0, 0],
        ],
      ],
      2,
    );
    expect(m).toMatchObject({ nmse: 0.5, cosine: 0, l2Ratio: 0 });
    const sums = makeReconstructionSums(2);
    expect(() => addReconstruction(sums, [1, 2, 3], [1, 2, 3])).toThrow('expected [n, 2]');
  });
});
