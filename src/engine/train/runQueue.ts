// Runs that wait: their order, and the groups that are started of them while the queue plays.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { nextGroup } from '../../core/train/trainingMemory';
import { toProblem } from '../problems';
import type { RunFacts } from './api';
import { storedFacts, type Beginning } from './liveRun';
import type { NewRuns } from './newRuns';
import type { OpenGroup, TrainingParts } from './openGroup';
import { isQueued, type NewRun, type RunRecord } from './runArchive';
import { elsewhereError } from './runLocks';

export type RunQueue = {
  /** Puts them at the end. */
  add: (records: readonly NewRun[]) => Promise<RunFacts[]>;
  /** budgetBytes: what the runs of a group may take together. Throws ConfigError where none waits. */
  play: (budgetBytes: number) => Promise<RunFacts[]>;
  /** After a group has ended: the next one, unless the queue waits. */
  playNext: () => Promise<void>;
  /** No group follows the one that runs. */
  halt: () => void;
  move: (runId: string, by: -1 | 1) => Promise<void>;
};

export function createRunQueue(
  { archive, locks, emit }: TrainingParts,
  group: OpenGroup,
  newRuns: NewRuns,
): RunQueue {
  /** Bytes that groups of the queue may take; null: the queue waits. */
  let queueBudget: number | null = null;

  /** Queued runs in their order. */
  const queued = async (): Promise<RunRecord[]> =>
    (await archive.list())
      .filter((record) => isQueued(record))
      .sort((a, b) => (a.queuePlace ?? 0) - (b.queuePlace ?? 0));

  const startNextGroup = async (budgetBytes: number): Promise<RunFacts[]> => {
    const records = await queued();
    const [first] = records;
    if (first === undefined) return [];
    newRuns.checkFits(first);
    const fitting = records.filter(
      (record) => record.source === first.source && record.modelId === first.modelId,
    );
    const configs = fitting.map(({ config }) => config);
    const wanted = nextGroup(configs, budgetBytes).map((index) => elementAt(fitting, index));
    const free = await locks.holdFree(wanted.map(({ runId }) => runId));
    // Another tab may run the same queue: runs that it started are no longer in it.
    const still = (await queued()).map(({ runId }) => runId);
    const chosen = wanted.filter(({ runId }) => free.includes(runId) && still.includes(runId));
    if (chosen.length === 0) {
      locks.releaseAll();
      throw elsewhereError(first.runId);
    }
    const groupId = `group-${first.number}`;
    const beginnings: Beginning[] = [];
    for (const record of chosen) {
      const begun = { ...record, groupId, queuePlace: null };
      await archive.put(begun);
      beginnings.push({ record: begun, start: null, points: [] });
    }
    return group.begin(beginnings, groupId);
  };

  return {
    async add(records) {
      const last = (await queued()).at(-1)?.queuePlace ?? 0;
      const all: RunFacts[] = [];
      for (const [i, record] of records.entries()) {
        all.push(storedFacts(await archive.put({ ...record, queuePlace: last + 1 + i })));
      }
      for (const run of all) emit({ kind: 'run', run });
      return all;
    },
    async play(budgetBytes) {
      group.refuseIfBusy();
      if (!(budgetBytes > 0)) {
        throw new ConfigError(`GPU memory must be above 0 bytes: ${budgetBytes}`, 'budget');
      }
      const begun = await startNextGroup(budgetBytes);
      if (begun.length === 0) throw new ConfigError('No run is waiting. Queue one first.', 'run');
      queueBudget = budgetBytes;
      return begun;
    },
    async playNext() {
      if (queueBudget === null) return;
      try {
        const begun = await startNextGroup(queueBudget);
        if (begun.length === 0) queueBudget = null;
      } catch (thrown) {
        queueBudget = null;
        emit({ kind: 'problem', problem: toProblem(thrown) });
      }
    },
    halt() {
      queueBudget = null;
    },
    async move(runId, by) {
      const records = await queued();
      const at = records.findIndex((record) => record.runId === runId);
      const [one, other] = [records[at], records[at + by]];
      if (one === undefined || other === undefined) return;
      await archive.put({ ...one, queuePlace: other.queuePlace ?? null });
      await archive.put({ ...other, queuePlace: one.queuePlace ?? null });
    },
  };
}
