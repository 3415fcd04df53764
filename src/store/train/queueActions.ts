// Intents of the queue of runs: add, order, play.
import type { StoreContext } from '../context';
import { settle } from '../problems';
import { refreshRuns, tell } from './runCommand';

export function makeQueueActions(context: StoreContext) {
  const { api, get, patch } = context;
  return {
    /** Another run as the form says; its place is the last. */
    add: async () => {
      patch('train', { busy: true, problem: null });
      const outcome = await settle(api.train.queue(get().train.form));
      patch('train', { busy: false, ...(!outcome.ok && { problem: outcome.problem }) });
      await refreshRuns(context);
    },
    setBudget: (budgetBytes: number) => patch('train', { budgetBytes }),
    play: async () => {
      patch('train', { busy: true, problem: null });
      const outcome = await settle(api.train.playQueue(get().train.budgetBytes));
      patch('train', { busy: false, ...(!outcome.ok && { problem: outcome.problem }) });
      await refreshRuns(context);
      const first = outcome.ok ? outcome.value[0] : undefined;
      if (first !== undefined) patch('train', { shownRunId: first.runId });
    },
    move: async (runId: string, by: -1 | 1) => {
      await tell(context, () => api.train.moveInQueue(runId, by));
      await refreshRuns(context);
    },
  };
}
