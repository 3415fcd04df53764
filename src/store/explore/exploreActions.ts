// Intents of the Explore screen: choose an SAE, open one of its latents, walk through them.
import type { SaeFacts } from '../../engine/sae/api';
import type { LatentRow } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { loadableOf, type Loadable } from '../loadable';
import { settle } from '../problems';
import { findSae } from '../../core/sae/findSae';
import { openRows } from '../model/openRows';
import { selectedSae } from '../sae/saeSelectors';
import { makeComparisonActions } from './comparisonActions';
import { lastOpenSae } from '../lastOpen';
import { birthSteps, inPlacePrompt } from './exploreSelectors';
import type { ExploreState } from './exploreState';
import { makeFollowActions } from './followActions';
import { makeInquiryActions } from './inquiryActions';
import { visibleRows } from './latentOrder';
import { makeMapActions } from './mapActions';
import { makeProbeActions } from './probeActions';
import { makeTurnUp } from '../steer/turnUp';
import { makeReplayActions } from './replayActions';
import { makeTableActions } from './tableActions';
import { FIRST_TEXT_SEARCH } from './tableFilter';

/** What another SAE takes along, and what an SAE without statistics needs first. */
type Statistics = {
  notes: { load: (saeId: string) => Promise<void> };
  labels: { load: () => Promise<void> };
  begin: (sae: SaeFacts) => Promise<void>;
};

export function makeExploreActions(context: StoreContext, statistics: Statistics) {
  const { env, get, patch } = context;
  const loadDashboard = () => loadOpenDashboard(context);
  const { loadRows, births } = makeRowActions(context, loadDashboard);

  /** Chosen latents, a cluster and a map area belong to one SAE; brushes, chips and the text apply to any. */
  function selectSae(saeId: string): void {
    if (saeId === get().sae.selectedId) return;
    const { filter, textSearch } = get().explore;
    patch('sae', { selectedId: saeId, wantedRef: null, problem: null });
    patch('explore', {
      rowsOf: null,
      births: null,
      rows: { status: 'empty' },
      latentIndex: null,
      turned: null,
      dashboard: { status: 'empty' },
      filter: { ...filter, chosen: null, area: null, cluster: null },
      maps: { pca: { status: 'empty' }, umap: { status: 'empty' } },
      clusters: { status: 'empty' },
      textSearch: { ...textSearch, found: FIRST_TEXT_SEARCH.found, token: null },
    });
    void loadRows();
    void statistics.notes.load(saeId);
    void statistics.labels.load();
  }

  function selectLatent(latentIndex: number | null): void {
    if (latentIndex === get().explore.latentIndex) return;
    patch('explore', { latentIndex, turned: null });
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
    const { list, selectedId, wantedRef } = get().sae;
    if (list === null || list.length === 0) return;
    const wanted = wantedRef === null ? null : findSae(list, wantedRef);
    if (wanted !== null) {
      if (wanted.saeId !== selectedId) openWanted(wanted);
      else patch('sae', { wantedRef: null });
    } else if (!list.some((sae) => sae.saeId === selectedId)) {
      if (wantedRef !== null) tellMissing(wantedRef);
      const last = selectedId === null && wantedRef === null ? lastOpenSae(env, list) : null;
      const first = last ?? list.find((sae) => sae.origin === 'demo') ?? list[0];
      // Nothing was open, so the link's table settings are meant for this SAE.
      if (first !== undefined && selectedId === null && wantedRef === null) openWanted(first);
      else if (first !== undefined) selectSae(first.saeId);
    }
    const now = selectedSae(get());
    const known = get().explore.rowsOf;
    if (now !== null && known?.statisticsTokens !== now.statisticsTokens) void loadRows();
  }

  function openWanted(wanted: SaeFacts): void {
    const { latentIndex, filter, turned } = get().explore;
    selectSae(wanted.saeId);
    patch('explore', { latentIndex, filter, turned });
  }

  function tellMissing(ref: string): void {
    patch('shell', {
      notice: `The link names the SAE “${ref.slice(0, 60)}”, which is not in this browser. Import its files on Explore to open it; until then the demo SAE is shown.`,
    });
  }

  /** Over rows of a file an SAE of theirs, once there is one: of another the dashboards are about a text. */
  function followRows(): void {
    const { model, sae } = get();
    if (openRows(get()) === null || selectedSae(get())?.modelId === model.open?.id) return;
    const own = sae.list?.find(({ modelId }) => modelId === model.open?.id);
    if (own !== undefined) selectSae(own.saeId);
  }

  /** From another screen to an SAE on Explore. */
  function openSae(saeId: string): void {
    patch('shell', { view: 'explore' });
    selectSae(saeId);
  }

  /** Another SAE with one of its features open. */
  function selectLatentOf(saeId: string, latentIndex: number): void {
    selectSae(saeId);
    selectLatent(latentIndex);
  }

  return {
    selectSae,
    selectLatent,
    selectLatentOf,
    walk,
    loadRows,
    loadDashboard,
    followSaes,
    followRows,
    openSae,
    /** From another screen to a feature's dashboard. */
    openFeature: (saeId: string, latentIndex: number) => {
      patch('shell', { view: 'explore' });
      selectLatentOf(saeId, latentIndex);
    },
    /** From a finished run: opens its SAE on Explore, or one of its features; statistics begin if it has none. */
    openTrained: (sae: SaeFacts, latentIndex: number | null = null) => {
      openSae(sae.saeId);
      if (latentIndex !== null) selectLatent(latentIndex);
      void statistics.begin(sae);
    },
    births,
    /** Beside its dashboard: goes on from the visitor's own text, where there is one. */
    steer: makeTurnUp(context, {
      get: () => get().explore.turned,
      set: (turned) => patch('explore', { turned }),
      prompt: () => inPlacePrompt(get()),
    }),
    table: makeTableActions(context),
    map: makeMapActions(context),
    inquiry: makeInquiryActions(context),
    probe: makeProbeActions(context),
    comparison: makeComparisonActions(context),
    follow: makeFollowActions(context),
    replay: makeReplayActions(context),
  };
}

async function loadOpenDashboard({ api, get, patch }: StoreContext): Promise<void> {
  const sae = selectedSae(get());
  const { latentIndex, dashboard } = get().explore;
  if (sae === null || latentIndex === null || sae.statisticsTokens === 0) {
    patch('explore', { dashboard: { status: 'empty' } });
    return;
  }
  // The old dashboard stays during the few milliseconds until the new one arrives.
  if (dashboard.status !== 'ready') patch('explore', { dashboard: { status: 'loading' } });
  const outcome = await settle(api.statistics.dashboard(sae.saeId, latentIndex));
  const current = get();
  if (current.sae.selectedId !== sae.saeId || current.explore.latentIndex !== latentIndex) return;
  patch('explore', { dashboard: loadableOf(outcome) });
}

/** The rows of the table, and the steps at which their latents were born. */
function makeRowActions(
  { api, get, patch, jobs }: StoreContext,
  loadDashboard: () => Promise<void>,
) {
  async function loadRows(): Promise<void> {
    const sae = selectedSae(get());
    if (sae === null || sae.statisticsTokens === 0) return;
    const { saeId, statisticsTokens } = sae;
    const { rows, rowsOf } = get().explore;
    // A preview replaces the previous one without a flash of "loading".
    const keepsRows = rowsOf?.saeId === saeId && rows.status === 'ready';
    patch('explore', {
      rowsOf: { saeId, statisticsTokens },
      rows: keepsRows ? rows : { status: 'loading' },
    });
    const outcome = await settle(api.statistics.rows(saeId));
    if (get().sae.selectedId !== saeId) return;
    patch('explore', { rows: withBirths(loadableOf(outcome), birthSteps(get())) });
    await loadDashboard();
    if (get().explore.births?.saeId !== saeId) await loadBirths();
  }

  /** Reads every saved step of the run: once after the table, and again on request. */
  async function loadBirths(): Promise<void> {
    const sae = selectedSae(get());
    if (sae?.runId === undefined) return;
    const { saeId } = sae;
    const asked: ExploreState['births'] = { saeId, steps: { status: 'loading' } };
    patch('explore', { births: asked });
    const outcome = await jobs.run('births', (jobId) => settle(api.explore.births(saeId, jobId)));
    // Another SAE was chosen, or a newer request was made.
    if (get().explore.births !== asked) return;
    patch('explore', { births: { saeId, steps: loadableOf(outcome) } });
    if (outcome.ok) patch('explore', { rows: withBirths(get().explore.rows, outcome.value) });
  }

  return { loadRows, births: { load: loadBirths, cancel: () => jobs.cancel('births') } };
}

function withBirths(
  rows: Loadable<LatentRow[]>,
  steps: readonly (number | null)[] | null,
): Loadable<LatentRow[]> {
  if (rows.status !== 'ready' || steps === null) return rows;
  const value = rows.value.map((row) => ({ ...row, birthStep: steps[row.latentIndex] ?? null }));
  return { status: 'ready', value };
}
