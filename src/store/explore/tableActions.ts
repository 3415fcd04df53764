// Intents of the table of latents: sort, brush, pick, star-only, search by text, lay out a map. The rest of
// Explore's intents are exploreActions'.
import type { Sort, SortColumn } from '../../core/share/shareState';
import {
  RANGE_BOUNDS,
  makeRange,
  type Brushed,
  type MapArea,
  type MapKind,
} from '../../core/share/tableShare';
import type { StoreContext } from '../context';
import { loadableOf, settle } from '../problems';
import { FIRST_TEXT_SEARCH, NO_FILTER, type TableFilter, type TextSearch } from './tableFilter';

const SEARCH = 'search';

export function makeTableActions({ api, get, patch, jobs }: StoreContext) {
  const change = (filter: Partial<TableFilter>) =>
    patch('explore', { filter: { ...get().explore.filter, ...filter } });
  const changeSearch = (search: Partial<TextSearch>) =>
    patch('explore', { textSearch: { ...get().explore.textSearch, ...search } });

  /** Sorts by a column, or turns it round. second: keeps the first key and sorts its equals. */
  function sortBy(column: SortColumn, second = false): void {
    const { sort, thenBy } = get().explore;
    if (!second || sort.column === column) {
      patch('explore', { sort: turned(sort, column), ...(second ? {} : { thenBy: null }) });
    } else {
      patch('explore', { thenBy: turned(thenBy, column) });
    }
  }

  async function findByText(): Promise<void> {
    const { saes, explore, model } = get();
    const saeId = saes.selectedId;
    const { text } = explore;
    if (saeId === null || text.trim() === '' || model.facts === null) return;
    changeSearch({ found: { status: 'loading' }, token: null });
    if (!explore.filter.inText) change({ inText: true });
    const outcome = await jobs.run('text', (jobId) =>
      settle(api.explore.activeLatents({ saeIds: [saeId], text, purpose: SEARCH }, jobId)),
    );
    const now = get();
    const isStale = now.saes.selectedId !== saeId || now.explore.text !== text;
    if (!outcome.ok && outcome.problem.kind === 'cancelled') {
      // A newer search may be under way: only the one that was stopped gives the table back.
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
    // Strongest in the text first, unless the visitor sorts otherwise.
    if (outcome.ok) patch('explore', { sort: { column: 'intext', descending: true } });
  }

  function leaveText(): void {
    change({ inText: false });
    changeSearch({ ...FIRST_TEXT_SEARCH, hidesDense: get().explore.textSearch.hidesDense });
    const { sort, thenBy } = get().explore;
    if (sort.column === 'intext') {
      patch('explore', { sort: thenBy ?? { column: 'maxact', descending: true }, thenBy: null });
    }
  }

  async function loadMap(kind: MapKind): Promise<void> {
    const saeId = get().saes.selectedId;
    if (saeId === null || get().explore.maps[kind].status === 'loading') return;
    const put = (map: ReturnType<typeof get>['explore']['maps'][MapKind]) =>
      patch('explore', { maps: { ...get().explore.maps, [kind]: map } });
    put({ status: 'loading' });
    const outcome = await jobs.run('map', (jobId) => settle(api.explore.map(saeId, kind, jobId)));
    if (get().saes.selectedId !== saeId) return;
    put(loadableOf(outcome.ok ? { ok: true, value: outcome.value.places } : outcome));
  }

  async function loadClusters(): Promise<void> {
    const saeId = get().saes.selectedId;
    if (saeId === null || ['loading', 'ready'].includes(get().explore.clusters.status)) return;
    patch('explore', { clusters: { status: 'loading' } });
    const outcome = await jobs.run('clusters', (jobId) =>
      settle(api.explore.clusters(saeId, jobId)),
    );
    if (get().saes.selectedId !== saeId) return;
    patch('explore', { clusters: loadableOf(outcome) });
  }

  return {
    sortBy,
    /** null at an end: open; at both: no range. */
    brush: (key: Brushed, from: number | null, to: number | null) =>
      change({
        ranges: { ...get().explore.filter.ranges, [key]: makeRange(from, to, RANGE_BOUNDS[key]) },
      }),
    setStarredOnly: (starredOnly: boolean) => change({ starredOnly }),
    clearChosen: () => change({ chosen: null }),
    setCluster: (cluster: number | null) => change({ cluster }),
    setArea: (area: MapArea | null) => change({ area }),
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
    loadMap,
    cancelMap: () => jobs.cancel('map'),
    loadClusters,
    cancelClusters: () => jobs.cancel('clusters'),
    /** What a link asks for and can be had by now. */
    followTable: () => {
      const { explore, saes, shell, model } = get();
      if (shell.view !== 'explore' || saes.selectedId === null) return;
      const { filter, textSearch, maps, clusters, text } = explore;
      const wantsText = filter.inText && textSearch.found.status === 'empty' && text.trim() !== '';
      if (wantsText && model.facts !== null) void findByText();
      const { area, cluster } = filter;
      if (area !== null && maps[area.kind].status === 'empty') void loadMap(area.kind);
      if (cluster !== null && clusters.status === 'empty') void loadClusters();
    },
  };
}

/** The same column again turns round; numbers begin with the largest. */
function turned(sort: Sort | null, column: SortColumn): Sort {
  const isText = column === 'index' || column === 'token' || column === 'label';
  const descending = sort?.column === column ? !sort.descending : !isText;
  return { column, descending };
}
