// What a brush shows: its bins with counts, ticks, description and the selection, in axis coordinates.
import type { Bins } from '../../core/numeric/crossfilter';
import type { Range } from '../../core/numeric/crossfilter';
import type { Brushed } from '../../core/share/tableShare';
import type { LatentRow } from '../../engine/statistics/api';
import { brushCounts, type TableState } from './latentOrder';
import { BRUSH_BINS, axisPlace, axisValue, columnsOf, isAsinh } from './tableColumns';

export const BRUSH_NAMES: Readonly<Record<Brushed, string>> = {
  density: 'Density',
  maxact: 'Max activation',
  kurt: 'Kurtosis',
  birth: 'Birth step',
};

/** How the axis transforms values. */
export function brushAxis(key: Brushed): string {
  return isAsinh(key) ? 'asinh axis' : 'log axis';
}

export type BrushView = {
  bins: Bins;
  /** [bins] */
  all: readonly number[];
  passing: Uint32Array;
  ticks: readonly { place: number; text: string }[];
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
    ticks: brushTicks(key, bins),
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

/** Powers of ten on a log axis; 0, ±1, ±10 … on the asinh one; more in between if there would be only
 *  one or none. */
function brushTicks(key: Brushed, { from, to }: Bins): { place: number; text: string }[] {
  const powers = Array.from({ length: 25 }, (_, i) => i - 12);
  const factors = to - from < (isAsinh(key) ? 5 : 1.5) ? [1, 2, 5] : [1];
  const steps = powers.flatMap((power) => factors.map((factor) => factor * 10 ** power));
  const values = isAsinh(key)
    ? [
        ...steps.filter((step) => step >= 1),
        0,
        ...steps.filter((step) => step >= 1).map((step) => -step),
      ]
    : steps;
  return values
    .map((value) => ({ place: axisPlace(key, value), text: tickText(value) }))
    .filter(({ place }) => place >= from && place <= to)
    .sort((a, b) => a.place - b.place);
}

function tickText(value: number): string {
  const size = Math.abs(value);
  const text =
    size >= 1e4 || (size > 0 && size < 1e-3)
      ? value.toExponential(0)
      : String(Number(value.toPrecision(3)));
  return text.replace('e+', 'e').replace('-', '−');
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
  const name = `${BRUSH_NAMES[key]} of ${rows.length.toLocaleString('en')} features, ${brushAxis(key)}`;
  if (count === 0) return `${name}: none passes the other filters.`;
  return (
    `${name}: ${count.toLocaleString('en')} pass the other filters, ` +
    `most of them (${(passing[fullest] ?? 0).toLocaleString('en')}) from ${tickText(from)} to ${tickText(to)}.`
  );
}

/** Values at the ends of a bin. */
export function binEnds(key: Brushed, bins: Bins, bin: number): [from: number, to: number] {
  const width = (bins.to - bins.from) / bins.count;
  const at = (place: number) => Number(axisValue(key, place).toPrecision(3));
  return [at(bins.from + bin * width), at(bins.from + (bin + 1) * width)];
}
