import { describe, expect, it } from 'vitest';
import { quantise } from '../../../../src/core/model/quantise';
import { dequantiseReference, nearestCodeReference } from '../../../../src/core/reference/quantise';
import { makeRng } from '../../../../src/core/numeric/rng';
import {
  QUANT_BLOCK,
  rowBlocks,
  weightBytes,
  weightForm,
} from '../../../../src/core/model/weightPrecision';

function randomValues(blocks: number, seed: number): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length: blocks * QUANT_BLOCK }, () => rng.normal());
}

describe.each([4, 8] as const)('quantise to %i bits', (bits) => {
  it('chooses the nearest code, as a search over all codes does', () => {
    const values = randomValues(9, 3);
    const { codes, scales } = quantise(values, bits);
    const codeAt = (i: number) => (bits === 8 ? codes[i]! : (codes[i >> 1]! >> (4 * (i & 1))) & 15);
    for (let block = 0; block < 9; block++) {
      const own = values.subarray(block * QUANT_BLOCK, (block + 1) * QUANT_BLOCK);
      const extreme = own.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
      expect(scales[block]).toBe(Math.fround(-extreme / 2 ** (bits - 1)));
      own.forEach((value, i) => {
        const code = codeAt(block * QUANT_BLOCK + i);
        expect(code, `value ${value} of ${extreme}`).toBe(
          nearestCodeReference(value, extreme, bits),
        );
      });
    }
  });

  it('keeps the largest value of each block, of either sign, and errs by less than a step', () => {
    const values = randomValues(40, 5);
    const quantised = quantise(values, bits);
    const back = dequantiseReference(quantised, bits);
    values.forEach((value, i) => {
      const step = Math.abs(quantised.scales[Math.floor(i / QUANT_BLOCK)]!);
      expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(step * 1.000001);
    });
    for (let block = 0; block < 40; block++) {
      const span = [block * QUANT_BLOCK, (block + 1) * QUANT_BLOCK] as const;
      const largest = (x: Float32Array) => Math.max(...x.subarray(...span).map(Math.abs));
      expect(largest(back)).toBe(largest(values));
    }
  });

  it('keeps zeros, and refuses what is no whole block', () => {
    expect(dequantiseReference(quantise(new Float32Array(64), bits), bits)).toEqual(
      new Float32Array(64),
    );
    expect(() => quantise(new Float32Array(33), bits)).toThrow(
      '33 values are no whole blocks of 32',
    );
  });
});

describe('weightForm', () => {
  const matrix = { rows: 1024, width: 256, isVocabulary: false };

  it('gives 4 bits to matrices, 8 to the vocabulary, f32 to what is small or of odd width', () => {
    expect(weightForm('int4', matrix)).toBe('q4');
    expect(weightForm('int4', { ...matrix, isVocabulary: true })).toBe('q8');
    expect(weightForm('int8', { ...matrix, width: 250 })).toBe('f32');
    expect(weightForm('f16', { ...matrix, width: 250 })).toBe('f16');
    expect(weightForm('f16', { ...matrix, rows: 4, width: 12 })).toBe('f32');
    expect(weightForm('f32', matrix)).toBe('f32');
  });

  it('counts bytes with scales', () => {
    expect(
      [64, 64, 64, 64].map((n, i) => weightBytes(n, (['f32', 'f16', 'q8', 'q4'] as const)[i]!)),
    ).toEqual([256, 128, 72, 40]);
  });
});

describe('rowBlocks', () => {
  it.each([
    [10, 3, 100, [[0, 10]]],
    [
      10,
      3,
      12,
      [
        [0, 4],
        [4, 4],
        [8, 2],
      ],
    ],
    [
      7,
      5,
      5,
      [
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 1],
      ],
    ],
  ])('cuts %i rows of %i at %i values', (rows, width, max, expected) => {
    expect(rowBlocks(rows, width, max).map((b) => [b.start, b.rows])).toEqual(expected);
  });
});
