// Several ranges over the same rows at once: which rows pass all of them, and, for the histogram of each
// dimension, how many pass all the others. One pass over plain arrays: 65,536 rows take a millisecond or two.

/** Inclusive, in the column's own units; null: open at that end. Never open at both. */
export type Range = { from: number | null; to: number | null };

export type Dimension = {
  /** one value per row; NaN: the row has no value and passes no range */
  values: Float64Array;
  range: Range | null;
};

/** Bit for every filter that is not a dimension: search, chips, map, text. */
const OTHER_BIT = 0x80;

/** Per row one bit for each filter it fails, 0 if it passes: bit i for dimension i (at most 7), the top
 *  bit if `others` is 0. */
export function failures(dimensions: readonly Dimension[], others: Uint8Array): Uint8Array {
  const failed = new Uint8Array(others.length);
  for (let row = 0; row < failed.length; row++) failed[row] = others[row] === 0 ? OTHER_BIT : 0;
  for (const [i, { values, range }] of dimensions.entries()) {
    if (range === null) continue;
    const low = range.from ?? -Infinity;
    const high = range.to ?? Infinity;
    const bit = 1 << i;
    for (let row = 0; row < failed.length; row++) {
      const value = values[row]!;
      if (!(value >= low && value <= high)) failed[row]! |= bit;
    }
  }
  return failed;
}

/** Equal bins over [from, to]. */
export type Bins = { from: number; to: number; count: number };

/** Bin of each value on the axis; 255 if it has none (NaN, ±∞). At most 255 bins. */
export function binRows(places: Float64Array, bins: Bins): Uint8Array {
  const scale = bins.count / (bins.to - bins.from);
  return Uint8Array.from(places, (place) =>
    Number.isFinite(place)
      ? Math.max(0, Math.min(bins.count - 1, Math.floor((place - bins.from) * scale)))
      : NO_BIN,
  );
}

const NO_BIN = 255;

/** Rows per bin that pass everything but dimension `own`; [bins]. */
export function countBins(
  binOf: Uint8Array,
  failed: Uint8Array,
  own: number,
  binCount: number,
): Uint32Array {
  const counts = new Uint32Array(binCount);
  const others = 0xff & ~(1 << own);
  for (let row = 0; row < binOf.length; row++) {
    if ((failed[row]! & others) === 0 && binOf[row] !== NO_BIN) counts[binOf[row]!]!++;
  }
  return counts;
}

/** Bins that cover all finite values with some margin; null if there are none. */
export function binsFor(places: Float64Array, count: number): Bins | null {
  let from = Infinity;
  let to = -Infinity;
  for (const place of places) {
    if (!Number.isFinite(place)) continue;
    from = Math.min(from, place);
    to = Math.max(to, place);
  }
  if (from > to) return null;
  return from === to ? { from: from - 0.5, to: to + 0.5, count } : { from, to, count };
}
