// Intents of the Explore screen: choose an SAE, order its latents, open one, count statistics,
// bring SAEs in and take them out.
import type { ModelFile } from '../../engine/shared/api';
import type { SaeFacts } from '../../engine/sae/api';
import type { LatentRow } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { loadNotes } from './dashboardActions';
import type { ExploreSlice, Liveness } from '../facts';
import { visibleRows } from './latentOrder';
import { bugProblem, loadableOf, settle } from '../problems';
import { birthSteps } from '../selectors';
import { findSae } from '../share/shareSync';
import { FIRST_TEXT_SEARCH } from './tableFilter';

export function makeExploreActions(context: StoreContext) {
  const { api, get, patch, jobs } = context;

  function selectedSae(): SaeFacts | null {
    const { list, selectedId } = get().saes;
    return list?.find((sae) => sae.saeId === selectedId) ?? null;
  }

  /** Chosen latents, a cluster and an area of the map are of one SAE; brushes, chips and the text fit any. */
  function selectSae(saeId: string): void {
    if (saeId === get().saes.selectedId) return;
    const { filter, textSearch } = get().explore;
    patch('saes', { selectedId: saeId, wantedRef: null, problem: null });
    patch('explore', {
      rowsOf: null,
      births: null,
      rows: { status: 'empty' },
      latentIndex: null,
      dashboard: { status: 'empty' },
      filter: { ...filter, chosen: null, area: null, cluster: null },
      maps: { pca: { status: 'empty' }, umap: { status: 'empty' } },
      clusters: { status: 'empty' },
      textSearch: { ...textSearch, found: FIRST_TEXT_SEARCH.found, token: null },
    });
    void loadRows();
    void loadNotes(context, saeId);
  }

  async function loadRows(): Promise<void> {
    const sae = selectedSae();
    if (sae === null || sae.statisticsTokens === 0) return;
    const { saeId, statisticsTokens } = sae;
    const { rows, rowsOf } = get().explore;
    // A preview replaces the one before without a flash of "loading".
    const keepsRows = rowsOf?.saeId === saeId && rows.status === 'ready';
    patch('explore', {
      rowsOf: { saeId, statisticsTokens },
      rows: keepsRows ? rows : { status: 'loading' },
    });
    const outcome = await settle(api.statistics.rows(saeId));
    if (get().saes.selectedId !== saeId) return;
    patch('explore', {
      rows: outcome.ok
        ? { status: 'ready', value: withBirths(outcome.value, birthSteps(get())) }
        : { status: 'failed', problem: outcome.problem },
    });
    await loadDashboard();
    if (get().explore.births?.saeId !== saeId) await loadBirths();
  }

  /** Reads every saved step of the run: after the table, once, and again when asked. */
  async function loadBirths(): Promise<void> {
    const sae = selectedSae();
    if (sae?.runId === undefined) return;
    const { saeId } = sae;
    const asked: ExploreSlice['births'] = { saeId, steps: { status: 'loading' } };
    patch('explore', { births: asked });
    const outcome = await jobs.run('births', (jobId) => settle(api.explore.births(saeId, jobId)));
    // Another SAE, or a newer request.
    if (get().explore.births !== asked) return;
    patch('explore', { births: { saeId, steps: loadableOf(outcome) } });
    const { rows } = get().explore;
    if (!outcome.ok || rows.status !== 'ready') return;
    patch('explore', { rows: { status: 'ready', value: withBirths(rows.value, outcome.value) } });
  }

  async function loadDashboard(): Promise<void> {
    const sae = selectedSae();
    const { latentIndex, dashboard } = get().explore;
    if (sae === null || latentIndex === null || sae.statisticsTokens === 0) {
      patch('explore', { dashboard: { status: 'empty' } });
      return;
    }
    // The old dashboard stays for the few milliseconds the new one takes.
    if (dashboard.status !== 'ready') patch('explore', { dashboard: { status: 'loading' } });
    const outcome = await settle(api.statistics.dashboard(sae.saeId, latentIndex));
    const current = get();
    if (current.saes.selectedId !== sae.saeId || current.explore.latentIndex !== latentIndex) {
      return;
    }
    patch('explore', {
      dashboard: outcome.ok
        ? { status: 'ready', value: outcome.value }
        : { status: 'failed', problem: outcome.problem },
    });
  }

  function selectLatent(latentIndex: number | null): void {
    if (latentIndex === get().explore.latentIndex) return;
    patch('explore', { latentIndex });
    void loadDashboard();
  }

  /** Next (+1) or previous (−1) latent in the order shown; starts at the top. */
  function walk(by: 1 | -1): void {
    const { explore } = get();
    const rows = visibleRows(get());
    const at = rows.findIndex((row) => row.latentIndex === explore.latentIndex);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next !== undefined) selectLatent(next.latentIndex);
  }

  /** After every list of SAEs: keep a selection, honour a link, follow previews of statistics. */
  function followSaes(): void {
    const { list, selectedId, wantedRef } = get().saes;
    if (list === null || list.length === 0) return;
    const wanted = wantedRef === null ? null : findSae(list, wantedRef);
    if (wanted !== null) {
      if (wanted.saeId !== selectedId) openWanted(wanted);
      else patch('saes', { wantedRef: null });
    } else if (!list.some((sae) => sae.saeId === selectedId)) {
      if (wantedRef !== null) tellMissing(wantedRef);
      const first = list.find((sae) => sae.origin === 'demo') ?? list[0];
      // Nothing was open: what the link says of the table is meant for this one.
      if (first !== undefined && selectedId === null && wantedRef === null) openWanted(first);
      else if (first !== undefined) selectSae(first.saeId);
    }
    const now = selectedSae();
    const known = get().explore.rowsOf;
    if (now !== null && known?.statisticsTokens !== now.statisticsTokens) void loadRows();
  }

  function openWanted(wanted: SaeFacts): void {
    const { latentIndex, filter } = get().explore;
    selectSae(wanted.saeId);
    patch('explore', { latentIndex, filter });
  }

  function tellMissing(ref: string): void {
    patch('shell', {
      notice: `The link names the SAE “${ref.slice(0, 60)}”, which is not in this browser. Import its files on Explore to open it; until then the demo SAE is shown.`,
    });
  }

  async function computeStatistics(saeId: string, tokens: number): Promise<void> {
    patch('explore', { countingSaeId: saeId, statisticsProblem: null });
    const outcome = await jobs.run('statistics', (jobId) =>
      settle(api.statistics.compute(saeId, tokens, jobId)),
    );
    patch('explore', {
      countingSaeId: null,
      statisticsProblem:
        outcome.ok || outcome.problem.kind === 'cancelled' ? null : outcome.problem,
    });
  }

  return {
    selectSae,
    selectLatent,
    /** Another SAE with one of its features open. */
    openLatentOf: (saeId: string, latentIndex: number) => {
      selectSae(saeId);
      selectLatent(latentIndex);
    },
    walk,
    loadRows,
    loadDashboard,
    loadBirths,
    cancelBirths: () => jobs.cancel('births'),
    followSaes,
    setSearch: (search: string) => patch('explore', { search }),
    setLiveness: (liveness: Liveness) => patch('explore', { liveness }),
    computeStatistics,
    /** Questions about a feature and guesses too: they read the same text. */
    cancelStatistics: () => Promise.all([jobs.cancel('statistics'), jobs.cancel('labels')]),
    /** From a finished run: its SAE on Explore, counted if it was not. */
    exploreSae: (sae: SaeFacts, tokens: number) => {
      patch('shell', { view: 'explore' });
      selectSae(sae.saeId);
      if (sae.statisticsTokens === 0) void computeStatistics(sae.saeId, tokens);
    },
    /** From another screen to a feature's dashboard. */
    openFeature: (saeId: string, latentIndex: number) => {
      patch('shell', { view: 'explore' });
      selectSae(saeId);
      selectLatent(latentIndex);
    },
    /** From another screen to an SAE on Explore. */
    openSae: (saeId: string) => {
      patch('shell', { view: 'explore' });
      selectSae(saeId);
    },
    refreshSaes: async () => {
      try {
        patch('saes', { list: await api.sae.list() });
      } catch (cause) {
        patch('saes', { problem: bugProblem(cause) });
      }
      followSaes();
    },
    importSae: async (files: ModelFile[]) => {
      patch('saes', { busy: 'import', problem: null });
      const outcome = await settle(api.sae.import(files));
      patch('saes', { busy: null, problem: outcome.ok ? null : outcome.problem });
      if (!outcome.ok) return;
      patch('saes', { list: await api.sae.list() });
      selectSae(outcome.value.saeId);
    },
    /** The zip, or null with the problem on the page. */
    exportSae: async (saeId: string): Promise<Blob | null> => {
      patch('saes', { busy: 'export', problem: null });
      const outcome = await settle(api.sae.export(saeId));
      patch('saes', { busy: null, problem: outcome.ok ? null : outcome.problem });
      return outcome.ok ? outcome.value : null;
    },
    deleteSae: async (saeId: string) => {
      patch('saes', { busy: 'delete', problem: null });
      try {
        await api.sae.delete(saeId);
        patch('saes', { list: await api.sae.list() });
      } catch (cause) {
        patch('saes', { problem: bugProblem(cause) });
      }
      patch('saes', { busy: null });
      followSaes();
    },
  };
}

function withBirths(rows: LatentRow[], steps: readonly (number | null)[] | null): LatentRow[] {
  if (steps === null) return rows;
  return rows.map((row) => ({ ...row, birthStep: steps[row.latentIndex] ?? null }));
}
