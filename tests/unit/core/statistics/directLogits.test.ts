import { describe, expect, it } from 'vitest';
import {
  directLogits,
  directLogitValues,
  directPathGain,
} from '../../../../src/core/statistics/directLogits';

describe('direct path gain', () => {
  it('is the product of the later scalars less what backout takes away', () => {
    const lambdas = [2, 3, 5, 7];
    // m = 2: layer 0 reaches the end by 3·5·7 and the backout by 3·5.
    expect(directPathGain(0, lambdas, 0.1)).toBeCloseTo(105 - 0.1 * 15);
    expect(directPathGain(2, lambdas, 0.1)).toBeCloseTo(7 - 0.1);
    expect(directPathGain(3, lambdas, 0.1)).toBe(1);
  });

  it('is 1 everywhere in a model without scalars and backout', () => {
    expect([0, 1, 2].map((layer) => directPathGain(layer, [1, 1, 1], 0))).toEqual([1, 1, 1]);
  });
});

describe('direct logits', () => {
  const unembedding = Float32Array.from([1, 0, 0, 2, -3, 0, 0, -1, 9, 9]);

  it('ranks both ends, scales the direction to unit norm and ignores padded rows', () => {
    const direction = Float32Array.from([0, 5]);
    const found = directLogits({ unembedding, direction, vocabSize: 4, gain: 2, count: 2 });
    expect(found.top).toEqual([
      { tokenId: 1, value: 4 },
      { tokenId: 0, value: 0 },
    ]);
    expect(found.bottom).toEqual([
      { tokenId: 3, value: -2 },
      { tokenId: 0, value: 0 },
    ]);
  });

  it('swaps the ends under a negative gain', () => {
    const direction = Float32Array.from([1, 0]);
    const { top, bottom } = directLogits({
      unembedding,
      direction,
      vocabSize: 4,
      gain: -1,
      count: 1,
    });
    expect(top).toEqual([{ tokenId: 2, value: 3 }]);
    expect(bottom).toEqual([{ tokenId: 0, value: -1 }]);
  });

  it.each([1, 3, 4, 6])('computes each of %i tokens and not one more', (vocabSize) => {
    const direction = Float32Array.from([0, 1]);
    const rows = Float32Array.from({ length: 16 }, (_, i) => i);
    const values = directLogitValues({ unembedding: rows, direction, vocabSize, gain: 1 });
    expect([...values]).toEqual([1, 3, 5, 7, 9, 11].slice(0, vocabSize));
  });

  it('gives zeros for a zero direction, not NaN', () => {
    const direction = new Float32Array(2);
    const { top } = directLogits({ unembedding, direction, vocabSize: 2, gain: 1, count: 1 });
    expect(top[0]!.value).toBe(0);
  });
});
