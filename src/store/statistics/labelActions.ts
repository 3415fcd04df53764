// Intents of guessed labels: fetch those that were kept, start a pass over all features, end it.
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';

/** Tokens read: a pass of seconds on a GPU, and on a software adapter too. */
const TOKENS = { gpu: 65_536, software: 16_384 };

export function makeLabelActions({ api, get, patch, jobs }: StoreContext) {
  const isShown = (saeId: string) => get().saes.selectedId === saeId;
  return {
    /** Those of the SAE on Explore. */
    loadGuesses: async () => {
      const saeId = get().saes.selectedId;
      if (saeId === get().labels.guessesOf) return;
      patch('labels', { guessesOf: saeId, problem: null });
      patch('explore', { guesses: null });
      if (saeId === null) return;
      try {
        const guesses = await api.statistics.labelGuesses(saeId);
        if (get().labels.guessesOf === saeId) patch('explore', { guesses });
      } catch (cause) {
        patch('labels', { problem: bugProblem(cause) });
      }
    },
    guessLabels: async (saeId: string) => {
      const tokens = get().device?.isSoftware === true ? TOKENS.software : TOKENS.gpu;
      patch('labels', { guessingSaeId: saeId, problem: null });
      const outcome = await jobs.run('labels', (jobId) =>
        settle(api.statistics.guessLabels(saeId, tokens, jobId)),
      );
      patch('labels', { guessingSaeId: null });
      if (outcome.ok) {
        if (isShown(saeId)) {
          patch('labels', { guessesOf: saeId });
          patch('explore', { guesses: outcome.value });
        }
      } else if (outcome.problem.kind !== 'cancelled') {
        patch('labels', { problem: outcome.problem });
      }
    },
    cancelGuessing: () => jobs.cancel('labels'),
  };
}
