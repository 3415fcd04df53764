// Intents of dose and response: one slot at many strengths.
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { steerRequest } from './steerRequest';
import { dashboardOf } from './steerSelectors';
import type { DoseState } from './steerState';

/** Number of tokens whose log-probability a dose follows by default. */
const WATCHED = 3;

export function makeDoseActions({ api, get, patch, jobs }: StoreContext) {
  /** The first token of each typed word; otherwise the tokens that the feature promotes most. */
  async function watchedTokens(slotId: string, words: string) {
    const typed = words.split(/\s+/).filter((word) => word !== '');
    if (typed.length > 0) {
      const views = await Promise.all(typed.map((word) => api.model.tokenize(` ${word}`)));
      return views.flatMap((tokens) => tokens.find(({ isSpecial }) => !isSpecial) ?? []);
    }
    const slot = get().steer.setup.slots.find(({ id }) => id === slotId);
    const dashboard = slot === undefined ? null : dashboardOf(get(), slot.target);
    return dashboard?.topLogits.slice(0, WATCHED) ?? [];
  }

  async function runDose(
    slotId: string,
    words: string,
    o: { withSurprise: boolean },
  ): Promise<void> {
    const first = { slotId, running: true, done: 0, total: 0, points: [], response: null };
    patch('steer', { tool: 'dose', dose: { ...first, watched: [], problem: null } });
    const change = (fields: Partial<DoseState>) => {
      const { dose } = get().steer;
      if (dose?.slotId === slotId) patch('steer', { dose: { ...dose, ...fields } });
    };
    try {
      const watched = await watchedTokens(slotId, words);
      change({ watched: watched.map(({ text }) => text) });
      const outcome = await jobs.run('dose', (jobId) =>
        settle(
          api.steer.measureDose(
            {
              generation: steerRequest(get()),
              slotId,
              ...o,
              watched: watched.map(({ tokenId }) => tokenId),
            },
            jobId,
          ),
        ),
      );
      if (outcome.ok) change({ running: false, response: outcome.value });
      else {
        const isCancelled = outcome.problem.kind === 'cancelled';
        change({ running: false, problem: isCancelled ? null : outcome.problem });
      }
    } catch (cause) {
      change({ running: false, problem: bugProblem(cause) });
    }
  }

  return {
    run: runDose,
    cancel: () => jobs.cancel('dose'),
    close: () => patch('steer', { dose: null }),
  };
}
