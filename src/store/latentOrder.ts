// The order in which latents are shown and walked: search, live or dead, sort. Pure; remembers the
// last answer, since the table, `j` and `k` all ask for it.
import type { SortColumn } from '../core/shareState';
import type { LatentRow } from '../engine/api';
import type { ExploreSlice, Liveness } from './facts';

const NO_ROWS: readonly LatentRow[] = [];

type Question = Pick<ExploreSlice, 'sort' | 'search' | 'liveness' | 'guesses'> & {
  rows: readonly LatentRow[];
};
let lastQuestion: Question | null = null;
let lastAnswer: readonly LatentRow[] = NO_ROWS;

/** Rows that pass search and chips, in the chosen order; ties by index. */
export function visibleRows(explore: ExploreSlice): readonly LatentRow[] {
  const rows = explore.rows.status === 'ready' ? explore.rows.value : NO_ROWS;
  const { sort, search, liveness, guesses } = explore;
  const last = lastQuestion;
  if (
    last?.rows !== rows ||
    last.sort !== sort ||
    last.search !== search ||
    last.liveness !== liveness ||
    last.guesses !== guesses
  ) {
    lastQuestion = { rows, sort, search, liveness, guesses };
    lastAnswer = orderRows(rows, lastQuestion);
  }
  return lastAnswer;
}

function orderRows(rows: readonly LatentRow[], question: Question): readonly LatentRow[] {
  const search = question.search.trim();
  const kept = rows.filter(
    (row) => isKept(row, question.liveness) && matches(row, search, question.guesses),
  );
  const sign = question.sort.descending ? -1 : 1;
  const keyOf = SORT_KEYS[question.sort.column];
  // Keys once per row, compared as they are: 65,536 rows must sort within a frame or three.
  const keyed = kept.map((row) => ({ row, key: keyOf(row) }));
  keyed.sort(
    (a, b) =>
      sign * (a.key < b.key ? -1 : Number(a.key > b.key)) || a.row.latentIndex - b.row.latentIndex,
  );
  return keyed.map(({ row }) => row);
}

const SORT_KEYS: Record<SortColumn, (row: LatentRow) => number | string> = {
  index: (row) => row.latentIndex,
  density: (row) => row.density,
  maxact: (row) => row.maxAct,
  meanact: (row) => row.meanAct,
  fires: (row) => row.fireCount,
  token: tokenKey,
};

function tokenKey(row: LatentRow): string {
  return (row.topToken ?? '').trim().toLowerCase();
}

function isKept(row: LatentRow, liveness: Liveness): boolean {
  return liveness === 'all' || (liveness === 'dead') === (row.fireCount === 0);
}

/** A number finds the latent of that index; anything finds top tokens and guessed labels that contain it. */
function matches(row: LatentRow, search: string, guesses: ExploreSlice['guesses']): boolean {
  if (search === '') return true;
  if (search === String(row.latentIndex)) return true;
  const wanted = search.toLowerCase();
  const guess = guesses?.[row.latentIndex]?.text ?? '';
  return tokenKey(row).includes(wanted) || guess.toLowerCase().includes(wanted);
}

export function livenessCounts(rows: readonly LatentRow[]): Record<Liveness, number> {
  const dead = rows.reduce((count, row) => count + Number(row.fireCount === 0), 0);
  return { all: rows.length, live: rows.length - dead, dead };
}
