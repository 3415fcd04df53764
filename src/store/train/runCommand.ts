// How commands on runs are sent: busy until they are answered, a failure beside the transport. What becomes of a run
// is told by events.
import type { StoreContext } from '../context';
import { bugProblem } from '../problems';

/** Sends a command without an answer. */
export async function tell({ patch }: StoreContext, send: () => Promise<void>): Promise<void> {
  patch('train', { busy: true, problem: null });
  try {
    await send();
  } catch (cause) {
    patch('train', { problem: bugProblem(cause) });
  }
  patch('train', { busy: false });
}

/** Reads the stored runs. One that an event told of meanwhile is newer than what was read. */
export async function refreshRuns({ api, get, patch }: StoreContext): Promise<void> {
  const before = get().train.runs;
  try {
    const stored = await api.train.list();
    const toldMeanwhile = get().train.runs.filter((run) => !before.includes(run));
    patch('train', {
      runs: [
        ...toldMeanwhile.filter(({ runId }) => stored.every((run) => run.runId !== runId)),
        ...stored.map((run) => toldMeanwhile.find(({ runId }) => runId === run.runId) ?? run),
      ],
    });
  } catch (cause) {
    patch('train', { problem: bugProblem(cause) });
  }
}
