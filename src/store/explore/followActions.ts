// Intents of following a model through its training: give the folder, look again, another text, cancel.
import type { StoreContext } from '../context';
import { bugProblem, settle } from '../problems';
import { selectedSae } from '../sae/saeSelectors';
import type { RunFolder } from './followState';

export function makeFollowActions({ api, get, patch, jobs }: StoreContext) {
  let folder: RunFolder | null = null;
  let observing = new AbortController();
  /** Something changed while it was read. */
  let isNews = false;

  const look = async (): Promise<void> => {
    const sae = selectedSae(get());
    if (folder === null || sae === null) return;
    isNews = true;
    if (get().explore.follow.running) return;
    patch('explore', 'follow', { running: true, problem: null });
    while (isNews) {
      isNews = false;
      await readOnce(folder, sae.saeId);
    }
    patch('explore', 'follow', { running: false });
  };

  const readOnce = async (from: RunFolder, saeId: string): Promise<void> => {
    try {
      const files = await from.files();
      const { text } = get().explore.follow;
      const outcome = await jobs.run('following', (jobId) =>
        settle(api.explore.follow({ files, saeId, text }, jobId)),
      );
      if (outcome.ok) patch('explore', 'follow', { result: outcome.value });
      else if (outcome.problem.kind !== 'cancelled') {
        patch('explore', 'follow', { problem: outcome.problem });
      }
    } catch (cause) {
      patch('explore', 'follow', { problem: bugProblem(cause) });
    }
  };

  return {
    setText: (text: string) => patch('explore', 'follow', { text }),
    /** Reads every checkpoint of it, and those that appear where the browser tells. */
    open: async (chosen: RunFolder) => {
      observing.abort();
      observing = new AbortController();
      folder = chosen;
      const { name, isLive } = chosen;
      const { signal } = observing;
      patch('explore', 'follow', { folder: { name, isLive, isObserved: false }, result: null });
      const isObserved = await chosen.observe(() => void look(), signal);
      if (signal.aborted) return;
      patch('explore', 'follow', { folder: { name, isLive, isObserved } });
      await look();
    },
    look,
    fail: (cause: unknown) => patch('explore', 'follow', { problem: bugProblem(cause) }),
    cancel: () => jobs.cancel('following'),
  };
}
