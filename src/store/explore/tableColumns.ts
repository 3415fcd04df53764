// The rows of the table as columns, for filters and sorts. Made once per list of rows.
import { binRows, binsFor, type Bins } from '../../core/numeric/crossfilter';
import { memoLast } from '../../core/memoLast';
import { BRUSHED, type Brushed } from '../../core/share/tableShare';
import type { LatentRow } from '../../engine/statistics/api';

export const BRUSH_BINS = 40;

/** One brushed column: its values, and their positions on the axis of its histogram. */
export type BrushColumn = {
  /** NaN: unknown, or undefined for a dead latent */
  values: Float64Array;
  /** null: no row has a value */
  bins: Bins | null;
  /** [rows], bin of each row */
  binOf: Uint8Array;
};

export type TableColumns = {
  brushes: Readonly<Record<Brushed, BrushColumn>>;
};

export const columnsOf = memoLast((rows: readonly LatentRow[]): TableColumns => {
  const brush = (key: Brushed): BrushColumn => {
    const values = Float64Array.from(rows, BRUSH_VALUES[key]);
    const places = values.map((value) => axisPlace(key, value));
    const bins = binsFor(places, BRUSH_BINS);
    return { values, bins, binOf: bins === null ? new Uint8Array() : binRows(places, bins) };
  };
  const [density, maxact, kurt, birth] = BRUSHED.map(brush);
  return {
    brushes: { density, maxact, kurt, birth } as Record<Brushed, BrushColumn>,
  };
});

const BRUSH_VALUES: Record<Brushed, (row: LatentRow) => number> = {
  density: (row) => row.density,
  maxact: (row) => (row.fireCount === 0 ? NaN : row.maxAct),
  kurt: (row) => row.kurtosis ?? NaN,
  birth: (row) => row.birthStep ?? NaN,
};

/** Kurtosis can be negative and very large, and steps start at 0: their axis is asinh, the others' log10. */
function isAsinh(key: Brushed): boolean {
  return key === 'kurt' || key === 'birth';
}

/** A value's position on its axis. */
export function axisPlace(key: Brushed, value: number): number {
  return isAsinh(key) ? Math.asinh(value) : Math.log10(value);
}

/** The value at a position of the axis. */
export function axisValue(key: Brushed, place: number): number {
  return isAsinh(key) ? Math.sinh(place) : 10 ** place;
}
