// Intents of comparing two SAEs, or one at two steps of its training: match them, cancel, open a pair.
import type { LatentMatch } from '../../core/explore/matchLatents';
import type { Outcome } from '../../engine/shared/api';
import type { ComparedSae } from '../../engine/explore/api';
import type { PairSide } from './comparisonState';
import type { StoreContext } from '../context';
import { settle } from '../problems';

export function makeComparisonActions({ api, get, patch, jobs }: StoreContext) {
  async function readSide(
    { saeId, step }: ComparedSae,
    latentIndex: number,
  ): Promise<Outcome<PairSide>> {
    if (step === null) {
      const outcome = await settle(api.statistics.dashboard(saeId, latentIndex));
      return outcome.ok ? { ok: true, value: { kind: 'dashboard', of: outcome.value } } : outcome;
    }
    const outcome = await settle(api.sae.savedLogits({ saeId, step, latentIndex }));
    return outcome.ok ? { ok: true, value: { kind: 'moment', of: outcome.value } } : outcome;
  }

  return {
    /** Which steps of its training this SAE can be compared with. */
    readSavedSteps: async (saeId: string) => {
      if (get().explore.comparison.saved?.saeId === saeId) return;
      const outcome = await settle(api.sae.savedSteps(saeId));
      if (outcome.ok) patch('explore', 'comparison', { saved: { saeId, steps: outcome.value } });
      else patch('explore', 'comparison', { problem: outcome.problem });
    },
    start: async (saeId: string, other: ComparedSae) => {
      patch('explore', 'comparison', { running: true, result: null, problem: null, open: null });
      const outcome = await jobs.run('comparison', (jobId) =>
        settle(api.explore.compare(saeId, other, jobId)),
      );
      if (outcome.ok) patch('explore', 'comparison', { running: false, result: outcome.value });
      else {
        const isCancelled = outcome.problem.kind === 'cancelled';
        patch('explore', 'comparison', {
          running: false,
          problem: isCancelled ? null : outcome.problem,
        });
      }
    },
    cancel: () => jobs.cancel('comparison'),
    closePair: () => patch('explore', 'comparison', { open: null }),
    /** Reads both sides of a pair. */
    openPair: async (match: LatentMatch) => {
      const { result } = get().explore.comparison;
      if (result === null) return;
      patch('explore', 'comparison', { open: { match, here: null, there: null, problem: null } });
      const [here, there] = await Promise.all([
        readSide({ saeId: result.saeId, step: null }, match.latentIndex),
        readSide(result.other, match.otherIndex),
      ]);
      if (get().explore.comparison.open?.match !== match) return;
      const failed = [here, there].find((outcome) => !outcome.ok);
      patch('explore', 'comparison', {
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
