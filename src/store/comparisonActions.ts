// Intents of comparing two SAEs: match them, end it, open a pair.
import type { LatentMatch } from '../core/matchLatents';
import type { StoreContext } from './context';
import { settle } from './problems';

export function makeComparisonActions({ api, get, patch }: StoreContext) {
  return {
    compareSaes: async (saeId: string, otherId: string) => {
      patch('comparison', { running: true, result: null, problem: null, open: null });
      const outcome = await settle(api.compareSaes(saeId, otherId));
      if (outcome.ok) patch('comparison', { running: false, result: outcome.value });
      else {
        const isCancelled = outcome.problem.kind === 'cancelled';
        patch('comparison', { running: false, problem: isCancelled ? null : outcome.problem });
      }
    },
    cancelComparison: () => api.cancelComparison(),
    leaveComparison: () => patch('comparison', { result: null, problem: null, open: null }),
    /** Reads both dashboards, side by side. */
    openMatch: async (match: LatentMatch) => {
      const { result } = get().comparison;
      if (result === null) return;
      patch('comparison', { open: { match, here: null, there: null, problem: null } });
      const [here, there] = await Promise.all([
        settle(api.latentDashboard(result.saeId, match.latentIndex)),
        settle(api.latentDashboard(result.otherId, match.otherIndex)),
      ]);
      if (get().comparison.open?.match !== match) return;
      const failed = [here, there].find((outcome) => !outcome.ok);
      patch('comparison', {
        open: {
          match,
          here: here.ok ? here.value : null,
          there: there.ok ? there.value : null,
          problem: failed?.problem ?? null,
        },
      });
    },
  };
}
