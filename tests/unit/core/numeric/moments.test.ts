import { describe, expect, test } from 'vitest';
import { calibrationOf } from '../../../../src/core/sae/calibration';
import { addMoments, makeMoments, type MomentsChunk } from '../../../../src/core/numeric/moments';

/** Moments of rows, straight from the definition. */
function chunkOf(rows: number[][]): MomentsChunk {
  const count = rows.length;
  const mean = rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / count);
  const squares = mean.map((m, j) => rows.reduce((sum, row) => sum + (row[j]! - m) ** 2, 0));
  return { count, mean, squares, norms: rows.map((row) => Math.hypot(...row)) };
}

describe('moments', () => {
  test('calibration by hand: two rows of norm 5', () => {
    const moments = makeMoments(2);
    addMoments(
      moments,
      chunkOf([
        [3, 4],
        [-3, 4],
      ]),
    );
    const c = calibrationOf(moments);
    const s = Math.SQRT2 / 5;
    expect(c.tokens).toBe(2);
    expect(c.inputScale).toBeCloseTo(s, 12);
    expect([...c.mean]).toEqual([0, Math.fround(4 * s)]);
    // Mean of (±3)² + 0², scaled.
    expect(c.variance).toBeCloseTo(s * s * 9, 12);
  });

  test('chunks merge to the moments of the whole, far from the origin', () => {
    const rows = Array.from({ length: 11 }, (_, i) => [1e6 + Math.sin(i), -1e6 + i]);
    const merged = makeMoments(2);
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [5, 11],
    ] as const) {
      addMoments(merged, chunkOf(rows.slice(from, to)));
    }
    const whole = chunkOf(rows);
    expect(merged.count).toBe(11);
    merged.squares.forEach((value, j) => expect(value).toBeCloseTo(whole.squares[j]!, 6));
    merged.mean.forEach((value, j) => expect(value).toBeCloseTo(whole.mean[j]!, 6));
  });

  test('an empty chunk changes nothing', () => {
    const moments = makeMoments(1);
    addMoments(moments, { count: 0, mean: [NaN], squares: [NaN], norms: [] });
    expect(moments).toEqual(makeMoments(1));
  });

  test('activations without spread, or not finite, are refused', () => {
    const constant = makeMoments(2);
    addMoments(
      constant,
      chunkOf([
        [1, 1],
        [1, 1],
      ]),
    );
    expect(() => calibrationOf(constant)).toThrow(/variance 0 over 2 tokens/);
    expect(() => calibrationOf(makeMoments(2))).toThrow(/mean norm NaN over 0 tokens/);
    const broken = makeMoments(1);
    addMoments(broken, chunkOf([[Infinity]]));
    expect(() => calibrationOf(broken)).toThrow(/mean norm/);
  });
});
