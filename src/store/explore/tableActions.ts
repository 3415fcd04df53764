// Intents of the table of latents: sort, brush, pick, star-only, search by text.
import {
  RANGE_BOUNDS,
  EXTRA_COLUMNS,
  makeRange,
  type Brushed,
  type ExtraColumn,
  type ListView,
  type Sort,
  type SortColumn,
} from '../../core/share/tableShare';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { FIRST_SORT, FIRST_THEN, type Liveness } from './exploreState';
import { FIRST_TEXT_SEARCH, NO_FILTER, type TableFilter, type TextSearch } from './tableFilter';

const SEARCH = 'search';

export function makeTableActions({ api, get, patch, jobs }: StoreContext) {
  const change = (filter: Partial<TableFilter>) =>
    patch('explore', { filter: { ...get().explore.filter, ...filter } });
  const changeSearch = (search: Partial<TextSearch>) =>
    patch('explore', { textSearch: { ...get().explore.textSearch, ...search } });

  /** Sorts by a column, or reverses its order. second: keeps the first key and sorts its equals. */
  function sortBy(column: SortColumn, second = false): void {
    const { sort, thenBy } = get().explore;
    if (!second || sort.column === column) {
      patch('explore', { sort: turned(sort, column), ...(second ? {} : { thenBy: null }) });
    } else {
      patch('explore', { thenBy: turned(thenBy, column) });
    }
  }

  async function findByText(): Promise<void> {
    const { sae, explore, model } = get();
    const saeId = sae.selectedId;
    const { text } = explore;
    if (saeId === null || text.trim() === '' || model.open === null) return;
    changeSearch({ found: { status: 'loading' }, token: null });
    if (!explore.filter.inText) change({ inText: true });
    const outcome = await jobs.run('text', (jobId) =>
      settle(api.explore.activeLatents({ saeIds: [saeId], text, purpose: SEARCH }, jobId)),
    );
    const now = get();
    const isStale = now.sae.selectedId !== saeId || now.explore.text !== text;
    if (!outcome.ok && outcome.problem.kind === 'cancelled') {
      // A newer search may be running: only the search that was stopped may restore the table.
      if (!isStale && now.explore.filter.inText) leaveText();
      return;
    }
    if (isStale) {
      changeSearch({ found: { status: 'empty' } });
      return;
    }
    changeSearch({
      found: outcome.ok
        ? { status: 'ready', saeId, text, value: outcome.value }
        : { status: 'failed', problem: outcome.problem },
    });
    // Strongest in the text first, unless the user sorts differently.
    if (outcome.ok)
      patch('explore', { sort: { column: 'intext', descending: true }, thenBy: null });
  }

  function leaveText(): void {
    change({ inText: false });
    changeSearch({ ...FIRST_TEXT_SEARCH, hidesDense: get().explore.textSearch.hidesDense });
    const { sort, thenBy } = get().explore;
    if (sort.column === 'intext') {
      patch(
        'explore',
        thenBy === null ? { sort: FIRST_SORT, thenBy: FIRST_THEN } : { sort: thenBy, thenBy: null },
      );
    }
  }

  return {
    sortBy,
    /** The order of a menu: as it starts, or by one column. */
    sortAs: (sort: Sort | null) =>
      patch(
        'explore',
        sort === null ? { sort: FIRST_SORT, thenBy: FIRST_THEN } : { sort, thenBy: null },
      ),
    showAs: (listAs: ListView) => patch('explore', { listAs }),
    showColumn: (column: ExtraColumn, isShown: boolean) => {
      const { columns } = get().explore;
      const next = EXTRA_COLUMNS.filter((one) =>
        one === column ? isShown : columns.includes(one),
      );
      patch('explore', { columns: next });
    },
    /** null at an end: open; at both: no range. */
    brush: (key: Brushed, from: number | null, to: number | null) =>
      change({
        ranges: { ...get().explore.filter.ranges, [key]: makeRange(from, to, RANGE_BOUNDS[key]) },
      }),
    setSearch: (search: string) => patch('explore', { search }),
    setLiveness: (liveness: Liveness) => patch('explore', { liveness }),
    setStarredOnly: (starredOnly: boolean) => change({ starredOnly }),
    clearChosen: () => change({ chosen: null }),
    clearFilters: () => {
      leaveText();
      patch('explore', { filter: NO_FILTER, search: '', liveness: 'all' });
    },
    findByText,
    cancelFindByText: () => jobs.cancel('text'),
    leaveText,
    setTextRank: (rank: TextSearch['rank']) => changeSearch({ rank, token: null }),
    rankByToken: (token: number | null) => changeSearch({ token }),
    setHidesDense: (hidesDense: boolean) => changeSearch({ hidesDense }),
    /** A text that a link asks for, once it can be searched. */
    follow: () => {
      const { explore, model } = get();
      const { filter, textSearch, text } = explore;
      const wantsText = filter.inText && textSearch.found.status === 'empty' && text.trim() !== '';
      if (wantsText && model.open !== null) void findByText();
    },
  };
}

/** The same column again reverses the order; numbers start with the largest. */
function turned(sort: Sort | null, column: SortColumn): Sort {
  const isText = ['index', 'token', 'label', 'fireson'].includes(column);
  const descending = sort?.column === column ? !sort.descending : !isText;
  return { column, descending };
}
