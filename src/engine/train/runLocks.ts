// Prevents two tabs from training the same run: a run is locked from start to end, and another tab
// that wants it is told so. Knows names of runs only.
import { ConfigError } from '../../core/errors';
import type { TabLocks } from '../../storage/tabLocks';
import type { Problem } from '../shared/api';
import { toProblem } from '../problems';

export type RunLocks = {
  /** Locks all of them or none; returns a function that releases those that were not locked before.
   *  Throws ConfigError naming the one that another tab has locked. */
  hold: (runIds: readonly string[]) => Promise<() => void>;
  /** Locks those of the list that are free, and returns which. */
  holdFree: (runIds: readonly string[]) => Promise<string[]>;
  releaseAll: () => void;
  /** runs that another tab has locked */
  elsewhere: () => Promise<ReadonlySet<string>>;
};

export function elsewhereError(runId: string): ConfigError {
  return new ConfigError(
    `${runId} is open in another tab of this browser. Continue there, or close that tab first.`,
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
