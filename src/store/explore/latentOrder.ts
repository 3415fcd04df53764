// The order in which latents are shown and walked: search, chips, brushes, map and text, then two sort
// keys. Pure; every step caches its last result, so that a brush does not sort again and a sort does not
// filter again.
import { countBins, failures } from '../../core/numeric/crossfilter';
import { memoLast } from '../../core/memoLast';
import { isInside } from '../../core/numeric/polygon';
import { featureName } from '../../core/statistics/featureName';
import {
  AREA_UNITS,
  BRUSHED,
  type Brushed,
  type MapArea,
  type Sort,
  type SortColumn,
} from '../../core/share/tableShare';
import type { LatentRow } from '../../engine/statistics/api';
import { rowClusters } from './clusterView';
import type { AppState } from '../state';
import type { ExploreState, Liveness } from './exploreState';
import { rowNotes, type RowNotes } from '../statistics/rowNotes';
import type { LabelState, NotesState } from '../statistics/statisticsState';
import { readyClusters } from './exploreSelectors';
import { columnsOf } from './tableColumns';
import type { TableFilter } from './tableFilter';
import { textValues, type TextValues } from './textValues';

/** What the table is made of. */
export type TableState = Pick<AppState, 'explore'> & {
  statistics: {
    notes: Pick<NotesState, 'byLatent'>;
    labels: Pick<LabelState, 'guesses'>;
  };
};

const NO_ROWS: readonly LatentRow[] = [];

function rowsOf({ rows }: ExploreState): readonly LatentRow[] {
  return rows.status === 'ready' ? rows.value : NO_ROWS;
}

/** Rows that pass everything, in the chosen order; ties by index. */
export function visibleRows(state: TableState): readonly LatentRow[] {
  const { explore } = state;
  const rows = rowsOf(explore);
  const order = orderOf(
    rows,
    explore.sort,
    explore.thenBy,
    notesOf(state),
    state.statistics.labels.guesses,
    foundBy(explore),
  );
  return passing(rows, order, failedOf(state));
}

const passing = memoLast(
  (rows: readonly LatentRow[], order: Uint32Array, failed: Uint8Array): readonly LatentRow[] => {
    const kept: LatentRow[] = [];
    for (const at of order) {
      const row = rows[at];
      if (failed[at] === 0 && row !== undefined) kept.push(row);
    }
    return kept;
  },
);

/** Rows per bin of each brushed column that pass all but its own range. */
export function brushCounts(state: TableState): Readonly<Record<Brushed, Uint32Array>> {
  return countsOf(rowsOf(state.explore), failedOf(state));
}

const countsOf = memoLast((rows: readonly LatentRow[], failed: Uint8Array) => {
  const { brushes } = columnsOf(rows);
  const count = (key: Brushed, own: number) =>
    countBins(brushes[key].binOf, failed, own, brushes[key].bins?.count ?? 0);
  const [density, maxact, kurt, birth] = BRUSHED.map(count);
  return { density, maxact, kurt, birth } as Record<Brushed, Uint32Array>;
});

function notesOf({ statistics: { notes } }: TableState): RowNotes {
  return rowNotes(notes.byLatent);
}

function failedOf(state: TableState): Uint8Array {
  const { explore } = state;
  const { search, liveness, filter, maps } = explore;
  const rows = rowsOf(explore);
  const map = filter.area === null ? null : maps[filter.area.kind];
  const others = othersOf(
    rows,
    search.trim().toLowerCase(),
    liveness,
    filter.starredOnly,
    filter.chosen,
    notesOf(state),
    state.statistics.labels.guesses,
    inArea(filter.area, map?.status === 'ready' ? map.value : null),
    inCluster(filter.cluster, rowClusters(rows, readyClusters(state))),
    foundBy(explore),
  );
  return failedBy(rows, filter.ranges, others);
}

function foundBy({ filter, textSearch, rows }: ExploreState): TextValues | null {
  return filter.inText && rows.status === 'ready' ? textValues(textSearch, rows.value) : null;
}

const failedBy = memoLast(
  (rows: readonly LatentRow[], ranges: TableFilter['ranges'], others: Uint8Array) => {
    const { brushes } = columnsOf(rows);
    const dimensions = BRUSHED.map((key) => ({ values: brushes[key].values, range: ranges[key] }));
    return failures(dimensions, others);
  },
);

const inArea = memoLast((area: MapArea | null, places: Float32Array | null) => {
  if (area === null || places === null) return null;
  const corners = area.corners.map((corner) => corner / AREA_UNITS);
  return Uint8Array.from({ length: places.length / 2 }, (_, i) =>
    Number(isInside(corners, places[2 * i] ?? 0, places[2 * i + 1] ?? 0)),
  );
});

/** 1 if a row is in the cluster; null: no cluster is selected, or clusters are not known yet. */
const inCluster = memoLast((cluster: number | null, clusterOf: Uint8Array | null) =>
  cluster === null || clusterOf === null
    ? null
    : clusterOf.map((number) => Number(number === cluster)),
);

/** 1 where a row passes search, chips, stars, choice, map, cluster and text. */
const othersOf = memoLast(
  (
    rows: readonly LatentRow[],
    search: string,
    liveness: Liveness,
    starredOnly: boolean,
    chosen: readonly number[] | null,
    notes: RowNotes,
    guesses: LabelState['guesses'],
    area: Uint8Array | null,
    cluster: Uint8Array | null,
    found: TextValues | null,
  ): Uint8Array => {
    const texts = search === '' ? null : searchTexts(rows, notes, guesses);
    const wanted = chosen === null ? null : new Set(chosen);
    return Uint8Array.from(rows, (row, at) => {
      const { latentIndex } = row;
      const passes =
        isKept(row, liveness) &&
        (!starredOnly || notes.get(latentIndex)?.isStarred === true) &&
        (wanted === null || wanted.has(latentIndex)) &&
        (area === null || area[latentIndex] === 1) &&
        (cluster === null || cluster[at] === 1) &&
        (found === null || found.has(latentIndex)) &&
        (texts === null || search === String(latentIndex) || texts[at]?.includes(search) === true);
      return Number(passes);
    });
  },
);

/** What a search looks through: name, label, note and tags, guess, words it fires on; in lower case. */
const searchTexts = memoLast(
  (rows: readonly LatentRow[], notes: RowNotes, guesses: LabelState['guesses']): string[] =>
    rows.map((row) => {
      const note = notes.get(row.latentIndex);
      return [
        nameOf(row, notes, guesses),
        ...(note === undefined ? [] : [note.note, ...note.tags]),
        guesses?.[row.latentIndex]?.text ?? '',
        ...row.firesOn,
      ]
        .join('\n')
        .toLowerCase();
    }),
);

function nameOf(
  { latentIndex, firesOn }: LatentRow,
  notes: RowNotes,
  guesses: LabelState['guesses'],
): string {
  const label = notes.get(latentIndex)?.label;
  return featureName({ latentIndex, label, guess: guesses?.[latentIndex], firesOn }).text;
}

type Key = (row: LatentRow) => number | string | null;

/** Positions of all rows in the chosen order. */
const orderOf = memoLast(
  (
    rows: readonly LatentRow[],
    sort: Sort,
    thenBy: Sort | null,
    notes: RowNotes,
    guesses: LabelState['guesses'],
    found: TextValues | null,
  ): Uint32Array => {
    const keys = thenBy === null ? [sort] : [sort, thenBy];
    // Keys are computed once per row: 65,536 rows must sort within about three frames.
    const columns = keys.map(({ column, descending }) => ({
      values: rows.map(keyOf(column, notes, guesses, found)),
      sign: descending ? -1 : 1,
    }));
    return Uint32Array.from(rows.keys()).sort((a, b) => {
      for (const { values, sign } of columns) {
        const order = compare(values[a] ?? null, values[b] ?? null, sign);
        if (order !== 0) return order;
      }
      return a - b;
    });
  },
);

/** Unknown values come last in both sort directions. */
function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -sign : sign;
}

function keyOf(
  column: SortColumn,
  notes: RowNotes,
  guesses: LabelState['guesses'],
  found: TextValues | null,
): Key {
  switch (column) {
    case 'starred':
      return (row) => (notes.get(row.latentIndex)?.isStarred === true ? 1 : null);
    case 'index':
      return (row) => row.latentIndex;
    case 'label':
      return (row) => nameOf(row, notes, guesses).toLowerCase();
    case 'score':
      return (row) => guesses?.[row.latentIndex]?.score ?? null;
    case 'fireson':
      return (row) => row.firesOn[0]?.toLowerCase() ?? null;
    case 'density':
      return (row) => row.density;
    case 'maxact':
      return (row) => row.maxAct;
    case 'meanact':
      return (row) => row.meanAct;
    case 'fires':
      return (row) => row.fireCount;
    case 'kurt':
      return (row) => row.kurtosis;
    case 'birth':
      return (row) => row.birthStep ?? null;
    case 'cosine':
      return (row) => row.neighbourCosine;
    case 'token':
      return (row) => row.topToken?.trim().toLowerCase() || null;
    case 'state':
      return (row) => (row.fireCount === 0 ? 0 : row.isAlwaysOn ? 2 : 1);
    case 'intext':
      return (row) => found?.get(row.latentIndex) ?? null;
    default:
      return column satisfies never;
  }
}

function isKept(row: LatentRow, liveness: Liveness): boolean {
  switch (liveness) {
    case 'all':
      return true;
    case 'live':
      return row.fireCount > 0;
    case 'dead':
      return row.fireCount === 0;
    case 'on':
      return row.isAlwaysOn;
    default:
      return liveness satisfies never;
  }
}

export const livenessCounts = memoLast((rows: readonly LatentRow[]): Record<Liveness, number> => {
  let dead = 0;
  let on = 0;
  for (const row of rows) {
    dead += Number(row.fireCount === 0);
    on += Number(row.isAlwaysOn);
  }
  return { all: rows.length, live: rows.length - dead, dead, on };
});
