// What a brush shows: its bins with counts, ticks, description and the selection, in axis coordinates.
import type { Bins } from '../../core/numeric/crossfilter';
import type { Range } from '../../core/numeric/crossfilter';
import type { Brushed } from '../../core/share/tableShare';
import type { LatentRow } from '../../engine/statistics/api';
import { brushCounts, type TableState } from './latentOrder';
import { BRUSH_BINS, axisPlace, axisValue, columnsOf } from './tableColumns';

export const BRUSH_NAMES: Readonly<Record<Brushed, string>> = {
  density: 'density',
  maxact: 'max',
  kurt: 'kurtosis',
  birth: 'birth step',
};

/** A value as the table shows it: density in percent. */
export function shownValue(key: Brushed, value: number): number {
  return Number((key === 'density' ? 100 * value : value).toPrecision(4));
}

/** The value that is meant by a number in the table's units. */
export function storedValue(key: Brushed, shown: number): number {
  return key === 'density' ? shown / 100 : shown;
}

/** “0.1 to 1 %”, “from 3”, “up to 5”, in the table's units. */
export function rangeText(key: Brushed, { from, to }: Range): string {
  const text = (value: number) => String(shownValue(key, value)).replace('-', '−');
  const unit = key === 'density' ? ' %' : '';
  if (from !== null && to !== null) return `${text(from)} to ${text(to)}${unit}`;
  if (from !== null) return `from ${text(from)}${unit}`;
  return to === null ? 'any' : `up to ${text(to)}${unit}`;
}

export type BrushView = {
  bins: Bins;
  /** [bins] */
  all: readonly number[];
  passing: Uint32Array;
  selection: readonly [number, number] | null;
};

/** null if no row has a value. */
export function brushView(state: TableState, key: Brushed): BrushView | null {
  const { explore } = state;
  const rows = explore.rows.status === 'ready' ? explore.rows.value : [];
  const { bins, binOf } = columnsOf(rows).brushes[key];
  if (bins === null) return null;
  return {
    bins,
    all: totals(binOf),
    passing: brushCounts(state)[key],
    selection: selectionOf(key, explore.filter.ranges[key], bins),
  };
}

const known = new WeakMap<Uint8Array, readonly number[]>();

function totals(binOf: Uint8Array): readonly number[] {
  const before = known.get(binOf);
  if (before !== undefined) return before;
  const counts = new Array<number>(BRUSH_BINS).fill(0);
  for (const bin of binOf) {
    if (bin < BRUSH_BINS) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  known.set(binOf, counts);
  return counts;
}

function selectionOf(
  key: Brushed,
  range: Range | null,
  bins: Bins,
): readonly [number, number] | null {
  if (range === null) return null;
  const place = (value: number | null, open: number) => {
    const at = value === null ? open : axisPlace(key, value);
    return Math.max(bins.from, Math.min(bins.to, Number.isNaN(at) ? open : at));
  };
  return [place(range.from, bins.from), place(range.to, bins.to)];
}

/** A dragged stretch as a range; an end at the end of the axis is open. */
export function rangeOf(
  key: Brushed,
  selection: readonly [number, number],
  bins: Bins,
): { from: number | null; to: number | null } {
  const margin = (bins.to - bins.from) / 500;
  const [low, high] = selection;
  return {
    from: low <= bins.from + margin ? null : axisValue(key, low),
    to: high >= bins.to - margin ? null : axisValue(key, high),
  };
}

/** A text description of the histogram for screen readers. */
export function brushSentence(key: Brushed, view: BrushView, rows: readonly LatentRow[]): string {
  const { bins, passing } = view;
  const count = passing.reduce((sum, n) => sum + n, 0);
  const fullest = passing.reduce((best, n, i) => (n > (passing[best] ?? 0) ? i : best), 0);
  const [from, to] = binEnds(key, bins, fullest);
  const name = `${BRUSH_NAMES[key]} of ${rows.length.toLocaleString('en')} features`;
  if (count === 0) return `${name}: none passes the other filters.`;
  return (
    `${name}: ${count.toLocaleString('en')} pass the other filters, ` +
    `most of them (${(passing[fullest] ?? 0).toLocaleString('en')}) ${rangeText(key, { from, to })}.`
  );
}

/** Values at the ends of a bin. */
function binEnds(key: Brushed, bins: Bins, bin: number): [from: number, to: number] {
  const width = (bins.to - bins.from) / bins.count;
  const at = (place: number) => Number(axisValue(key, place).toPrecision(3));
  return [at(bins.from + bin * width), at(bins.from + (bin + 1) * width)];
}
