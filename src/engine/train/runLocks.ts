// Sees to it that two tabs do not train the same run: a run is held from its beginning to its end, and a tab
// that wants it meanwhile is told where it is. Knows names of runs only.
import { ConfigError } from '../../core/errors';
import type { TabLocks } from '../../storage/tabLocks';
import type { Problem } from '../shared/api';
import { toProblem } from '../problems';

export type RunLocks = {
  /** All of them or none; answers with what lets go of those that were not held before. Throws ConfigError
   *  naming the one that another tab holds. */
  hold: (runIds: readonly string[]) => Promise<() => void>;
  /** Holds those of the list that nobody else holds, and tells which. */
  holdFree: (runIds: readonly string[]) => Promise<string[]>;
  releaseAll: () => void;
  /** runs that another tab holds */
  elsewhere: () => Promise<ReadonlySet<string>>;
};

export function elsewhereError(runId: string): ConfigError {
  return new ConfigError(
    `${runId} is open in another tab of this browser. Go on there, or close that tab first.`,
    'run',
  );
}

/** As a run's warning. */
export function elsewhereProblem(runId: string): Problem {
  const wayOut = 'Its numbers here are those of its last checkpoint.';
  return { ...toProblem(elsewhereError(runId)), wayOut };
}

export function createRunLocks(locks: TabLocks): RunLocks {
  const held = new Map<string, () => void>();
  const release = (runIds: readonly string[]) => {
    for (const runId of runIds) {
      held.get(runId)?.();
      held.delete(runId);
    }
  };
  const holdFree = async (runIds: readonly string[]) => {
    const free: string[] = [];
    for (const runId of runIds) {
      const letGo = held.has(runId) ? null : await locks.take(runId);
      if (letGo !== null) held.set(runId, letGo);
      if (held.has(runId)) free.push(runId);
    }
    return free;
  };
  return {
    holdFree,
    async hold(runIds) {
      const before = new Set(held.keys());
      const free = await holdFree(runIds);
      const letGo = () => {
        release(free.filter((runId) => !before.has(runId)));
      };
      const missing = runIds.find((runId) => !free.includes(runId));
      if (missing === undefined) return letGo;
      letGo();
      throw elsewhereError(missing);
    },
    releaseAll: () => {
      release([...held.keys()]);
    },
    async elsewhere() {
      const taken = await locks.taken();
      return new Set([...taken].filter((name) => !held.has(name)));
    },
  };
}
