// Intents of statistics: the pass that counts, the dashboards that it leaves, labels and notes beside them.
import type { SaeFacts } from '../../engine/sae/api';
import type { Outcome } from '../../engine/shared/api';
import type { LatentDashboard } from '../../engine/statistics/api';
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { makeCardActions } from './cardActions';
import { makeLabelActions } from './labelActions';
import { makeNoteActions } from './noteActions';
import { defaultStatistics } from './statisticsSizes';

export function makeStatisticsActions(context: StoreContext) {
  const { api, get, patch, jobs } = context;

  async function compute(saeId: string, tokens: number): Promise<void> {
    patch('statistics', { counting: { saeId, problem: null } });
    const outcome = await jobs.run('statistics', (jobId) =>
      settle(api.statistics.compute(saeId, tokens, jobId)),
    );
    const isFailed = !outcome.ok && outcome.problem.kind !== 'cancelled';
    patch('statistics', {
      counting: { saeId: null, problem: isFailed ? outcome.problem : null },
    });
  }

  return {
    compute,
    /** Of an SAE that was just trained, unless it has some or others are being counted. */
    begin: async ({ saeId, statisticsTokens }: SaeFacts) => {
      if (statisticsTokens > 0 || get().statistics.counting.saeId !== null) return;
      await compute(saeId, defaultStatistics(get().device));
    },
    /** Questions about a feature and guesses too: they read the same text. */
    cancel: () => Promise.all([jobs.cancel('statistics'), jobs.cancel('labels')]),
    /** One after the other; stops at the first problem. */
    readDashboards: async (
      saeId: string,
      latentIndices: readonly number[],
    ): Promise<Outcome<LatentDashboard[]>> => {
      const dashboards: LatentDashboard[] = [];
      for (const latentIndex of latentIndices) {
        const outcome = await settle(api.statistics.dashboard(saeId, latentIndex));
        if (!outcome.ok) return outcome;
        dashboards.push(outcome.value);
      }
      return { ok: true, value: dashboards };
    },
    exportDashboards: (saeId: string, latentIndices: number[]) =>
      settle(api.statistics.exportDashboards(saeId, latentIndices)),
    cards: makeCardActions(context),
    labels: makeLabelActions(context),
    notes: makeNoteActions(context),
  };
}
