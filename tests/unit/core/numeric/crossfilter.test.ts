// Ranges over many rows, and the counts that each histogram shows.
import { describe, expect, it } from 'vitest';
import { binRows, binsFor, countBins, failures } from '../../../../src/core/numeric/crossfilter';
import { isInside, simplifyPolygon } from '../../../../src/core/numeric/polygon';
import { makeRng } from '../../../../src/core/numeric/rng';

const all = (n: number) => new Uint8Array(n).fill(1);

describe('failures', () => {
  it('marks what each row fails; ends are inclusive, no value passes no range', () => {
    const a = Float64Array.of(0, 1, 2, NaN);
    const b = Float64Array.of(5, 5, 9, 5);
    const failed = failures(
      [
        { values: a, range: { from: 1, to: 2 } },
        { values: b, range: { from: null, to: 5 } },
      ],
      Uint8Array.of(1, 1, 1, 0),
    );
    expect([...failed]).toEqual([1, 0, 2, 0x81]);
  });

  it('lets everything pass without a range', () => {
    expect([...failures([{ values: Float64Array.of(NaN, 1), range: null }], all(2))]).toEqual([
      0, 0,
    ]);
  });
});

describe('countBins', () => {
  // That a redraw takes less than a frame is measured by `npm run bench -- explore`.
  it('is what counting by hand gives, at 65,536 rows', () => {
    const n = 65_536;
    const rng = makeRng(3);
    const values = [0, 1, 2].map(() => Float64Array.from({ length: n }, () => rng.next()));
    const ranges = [{ from: 0.2, to: 0.8 }, { from: null, to: 0.5 }, null];
    const others = Uint8Array.from({ length: n }, (_, row) => Number(row % 3 > 0));
    const bins = { from: 0, to: 1, count: 8 };
    const binOf = values.map((column) => binRows(column, bins));
    const dimensions = values.map((column, i) => ({ values: column, range: ranges[i] ?? null }));
    const failed = failures(dimensions, others);
    const counts = binOf.map((column, i) => countBins(column, failed, i, bins.count));
    for (const [own, column] of values.entries()) {
      const expected = new Array<number>(8).fill(0);
      for (let row = 0; row < n; row++) {
        const passes = values.every((other, i) => {
          const range = ranges[i] ?? null;
          if (i === own || range === null) return true;
          const value = other[row]!;
          return value >= (range.from ?? -1) && value <= range.to;
        });
        if (passes && others[row] === 1) expected[Math.floor(column[row]! * 8)]!++;
      }
      expect([...counts[own]!]).toEqual(expected);
    }
  });

  it('has bins from lowest to highest place, room around a single one, none without any', () => {
    expect(binsFor(Float64Array.of(-Infinity, 2, NaN, 6), 4)).toEqual({ from: 2, to: 6, count: 4 });
    expect(binsFor(Float64Array.of(3), 4)).toEqual({ from: 2.5, to: 3.5, count: 4 });
    expect(binsFor(Float64Array.of(NaN), 4)).toBeNull();
    const bins = { from: 2, to: 6, count: 4 };
    expect([...binRows(Float64Array.of(2, 3, 6, -Infinity), bins)]).toEqual([0, 1, 3, 255]);
  });
});

describe('a polygon', () => {
  it('holds what is inside, also where it turns inward', () => {
    const notch = [0, 0, 10, 0, 10, 10, 5, 2, 0, 10];
    expect(isInside(notch, 1, 5)).toBe(true);
    expect(isInside(notch, 5, 5)).toBe(false);
    expect(isInside(notch, 9, 5)).toBe(true);
    expect(isInside(notch, 11, 5)).toBe(false);
    expect(isInside([], 0, 0)).toBe(false);
  });

  it('keeps its corners when points along its sides go', () => {
    const drawn = [0, 0, 5, 0, 10, 0, 10, 5, 10, 10, 5, 10, 0, 10, 0, 5];
    expect(simplifyPolygon(drawn, 4)).toEqual([0, 0, 10, 0, 10, 10, 0, 10]);
    expect(simplifyPolygon(drawn, 99)).toEqual(drawn);
  });
});
