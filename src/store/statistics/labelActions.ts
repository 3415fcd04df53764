// Intents of guessed labels: load stored ones, start a pass over all features, cancel it.
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';

/** Tokens read: a pass takes seconds, even on the processor. */
const TOKENS = { gpu: 65_536, cpu: 16_384 };

export function makeLabelActions({ api, get, patch, jobs }: StoreContext) {
  const isShown = (saeId: string) => get().sae.selectedId === saeId;
  async function load(): Promise<void> {
    const saeId = get().sae.selectedId;
    if (saeId === get().statistics.labels.guessesOf) return;
    patch('statistics', 'labels', { guessesOf: saeId, guesses: null, problem: null });
    if (saeId === null) return;
    try {
      const guesses = await api.statistics.labelGuesses(saeId);
      if (get().statistics.labels.guessesOf === saeId) {
        patch('statistics', 'labels', { guesses });
      }
    } catch (cause) {
      patch('statistics', 'labels', { problem: bugProblem(cause) });
    }
  }

  return {
    /** Loads those of the SAE on Explore. */
    load,
    /** Somebody's guesses came with these SAEs. */
    refresh: async (saeIds: readonly string[]) => {
      const { guessesOf } = get().statistics.labels;
      if (guessesOf === null || !saeIds.includes(guessesOf)) return;
      patch('statistics', 'labels', { guessesOf: null });
      await load();
    },
    guess: async (saeId: string) => {
      const tokens = get().device?.saeBackend === 'cpu' ? TOKENS.cpu : TOKENS.gpu;
      patch('statistics', 'labels', { guessingSaeId: saeId, problem: null });
      const outcome = await jobs.run('labels', (jobId) =>
        settle(api.statistics.guessLabels(saeId, tokens, jobId)),
      );
      patch('statistics', 'labels', { guessingSaeId: null });
      if (outcome.ok) {
        if (isShown(saeId)) {
          patch('statistics', 'labels', { guessesOf: saeId, guesses: outcome.value });
        }
      } else if (outcome.problem.kind !== 'cancelled') {
        patch('statistics', 'labels', { problem: outcome.problem });
      }
    },
    cancel: () => jobs.cancel('labels'),
  };
}
