// The commands on the statistics of latents, their notes and their labels.
import { matchModel } from '../../core/sae/modelMatch';
import type { EngineHosts } from '../hosts';
import { outcomes } from '../problems';
import { logitHistogramOf } from '../sae/latentLogits';
import type { StatisticsApi } from './api';
import { latentCard, latentDashboard, latentRows } from './dashboard';
import type { DashboardToExport } from './dashboardExport';
import { createBundledFeatures } from './bundledFeatures';
import { createLabelHost } from './labelHost';
import { createNoteStore } from './latentNotes';
import { createStatisticsHost } from './statisticsHost';
import { isSpecialText, statisticsOf } from './statisticsOf';

export function makeStatisticsSlice(hosts: EngineHosts): StatisticsApi {
  const { library, modelHost } = hosts;
  const statisticsHost = createStatisticsHost(hosts);
  const bundled = createBundledFeatures(hosts.parts.demo);
  const labels = createLabelHost(hosts, bundled);
  const notes = createNoteStore(hosts.parts.storage, async (saeId) =>
    bundled.notes(await library.get(saeId)),
  );
  library.onDeleted(({ saeId }) => notes.forget(saeId));
  return {
    ...outcomes({
      compute: statisticsHost.compute,
      rows: async (saeId: string) => latentRows(await statisticsOf(hosts, saeId)),
      dashboard: async (saeId: string, latentIndex: number) =>
        latentDashboard(await statisticsOf(hosts, saeId), latentIndex, isSpecialText),
      cards: async (saeId: string, latentIndices: number[]) => {
        const statistics = await statisticsOf(hosts, saeId);
        return latentIndices.map((index) => latentCard(statistics, index, isSpecialText));
      },
      async exportDashboards(saeId: string, latentIndices: number[]) {
        const facts = await library.get(saeId);
        const statistics = await statisticsOf(hosts, saeId);
        const written = await notes.list(facts.saeId);
        const open = modelHost.currentOrNull()?.facts;
        // Rows of a file promote nothing.
        const isModel = open !== undefined && open.rows === undefined;
        const isOpen = isModel && matchModel(facts, open) === 'same';
        const list: DashboardToExport[] = [];
        for (const latentIndex of latentIndices) {
          list.push({
            dashboard: latentDashboard(statistics, latentIndex, isSpecialText),
            logits: isOpen ? await logitHistogramOf(hosts, saeId, latentIndex) : null,
            note: written.find((note) => note.latentIndex === latentIndex),
          });
        }
        const heads = isOpen ? open.n_head : null;
        const { exportDashboards } = await import('./dashboardExport');
        return exportDashboards(facts, { params: await library.params(saeId), heads, list });
      },
      chosen: async (saeId: string) => bundled.chosen(await library.get(saeId)),
      notes: notes.list,
      setNote: notes.set,
      guessLabels: labels.guess,
    }),
    labelGuesses: labels.kept,
  };
}
