// The page's view of training: running, queued and stored runs; pause and resume. openGroup.ts has the runs
// that are on their way, runQueue.ts those that wait.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import type { SaeConfig } from '../../core/sae/sae';
import type { EngineHosts } from '../hosts';
import { toProblem } from '../problems';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { RunFacts, TrainForm, TrainPoint } from './api';
import { isLive, storedFacts, type Beginning, type LiveRun } from './liveRun';
import { createNewRuns } from './newRuns';
import { createOpenGroup, type OpenGroup, type TrainingParts } from './openGroup';
import { resumeRun } from './resumeRun';
import { createRunArchive, type NewRun } from './runArchive';
import { createRunLocks, elsewhereError, elsewhereProblem } from './runLocks';
import { createRunQueue, type RunQueue } from './runQueue';

export type TrainingHost = {
  check: (form: TrainForm) => Promise<SaeConfig>;
  /** Throws ConfigError while a run is open. */
  refuseIfBusy: () => void;
  start: (form: TrainForm) => Promise<RunFacts>;
  queue: (form: TrainForm) => Promise<RunFacts[]>;
  playQueue: (budgetBytes: number) => Promise<RunFacts[]>;
  moveInQueue: (runId: string, by: -1 | 1) => Promise<void>;
  resume: (runId: string, o?: { lrFactor?: number }) => Promise<RunFacts>;
  pause: () => void;
  /** one run, or all running ones */
  stop: (runId?: string) => void;
  /** asks for a checkpoint at the next step */
  saveSoon: () => void;
  list: () => Promise<RunFacts[]>;
  points: (runId: string) => Promise<TrainPoint[]>;
  delete: (runId: string) => Promise<void>;
  /** A running run; throws ConfigError for any other. */
  live: (runId: string) => LiveRun;
};

export function createTrainingHost(
  hosts: EngineHosts & { snapshots: SnapshotArchive },
): TrainingHost {
  const { modelHost, corpusHost, emit } = hosts;
  const archive = createRunArchive(hosts.parts.storage);
  const locks = createRunLocks(hosts.parts.locks);
  const all = { ...hosts, archive, locks };
  const group: OpenGroup = createOpenGroup(all, () => queue.playNext());
  const newRuns = createNewRuns(hosts, archive);
  const queue: RunQueue = createRunQueue(all, group, newRuns);
  const { refuseIfBusy } = group;
  /** Ended runs of the group that the user deleted, so they are not listed. */
  const deleted = new Set<string>();

  const dropSnapshots = async (runId: string | undefined) => {
    if (runId === undefined) return;
    // Snapshots of a finished run are looked at through its SAE.
    const isRunKept = (await list()).some(
      (run) => run.runId === runId && run.phase.kind !== 'done',
    );
    const isSaeKept = (await hosts.library.list()).some((sae) => sae.runId === runId);
    if (!isRunKept && !isSaeKept) await hosts.snapshots.delete(runId);
  };
  hosts.library.onDeleted(({ runId }) => dropSnapshots(runId));
  // A run that ended without room for its SAE is finished with it.
  hosts.library.onStored(async ({ runId = '' }) => {
    const run = group.run(runId);
    const record = run?.facts.phase.kind === 'done' ? await archive.get(runId) : null;
    if (run === null || record === null) return;
    await archive.finish(record, run.facts.step, run.points);
    run.note({ savedStep: run.facts.step });
    run.tell();
  });

  const list = async (): Promise<RunFacts[]> => {
    const live = (group.current()?.runs ?? [])
      .map(({ facts }) => facts)
      .filter(({ runId }) => !deleted.has(runId));
    const stored = (await archive.list()).map(storedFacts);
    const elsewhere = await locks.elsewhere();
    const others = stored
      .filter((run) => !live.some((other) => other.runId === run.runId))
      .map((run) =>
        elsewhere.has(run.runId) ? { ...run, warning: elsewhereProblem(run.runId) } : run,
      );
    return [...live, ...others];
  };

  // A run reads the open model and goes on with the open text.
  modelHost.guard(refuseIfBusy);
  corpusHost.guard(refuseIfBusy);

  return {
    refuseIfBusy,
    async check(form) {
      const config = elementAt(await newRuns.configs(form), 0);
      const isRead = (form.source ?? 'model') === 'model';
      if (isRead) corpusHost.current().checkLength(config.contextSize);
      return config;
    },
    async start(form) {
      refuseIfBusy();
      return startRuns(all, group, await newRuns.records(form));
    },
    queue: async (form) => queue.add(await newRuns.records(form)),
    playQueue: queue.play,
    moveInQueue: queue.move,
    async resume(runId, { lrFactor = 1 } = {}) {
      const live = group.run(runId);
      if (live?.facts.phase.kind === 'paused') {
        if (lrFactor === 1) {
          group.current()?.goOn();
          return live.facts;
        }
        queue.halt();
        await group.leave();
      }
      return resumeRun(all, { group, newRuns }, runId, lrFactor);
    },
    pause: () => group.current()?.pause(),
    stop(runId) {
      if (runId === undefined) queue.halt();
      group.current()?.stop(runId);
    },
    saveSoon: () => group.current()?.saveSoon(),
    list,
    live(runId) {
      const run = group.run(runId);
      if (run !== null && isLive(run)) return run;
      throw new ConfigError(`${runId} is not running; open its SAE on Explore.`, 'run');
    },
    async points(runId) {
      const live = group.run(runId);
      if (live !== null) return [...live.points];
      const record = await archive.get(runId);
      return record === null ? [] : archive.points(record);
    },
    async delete(runId) {
      const live = group.run(runId);
      if (live !== null && isLive(live)) refuseIfBusy();
      if ((await locks.elsewhere()).has(runId)) {
        emit({ kind: 'problem', problem: toProblem(elsewhereError(runId)) });
        return;
      }
      deleted.add(runId);
      await archive.delete(runId);
      await dropSnapshots(runId);
    },
  };
}

/** Stores the runs, whose settings then outlive a tab that ends before the first checkpoint, and begins them. */
async function startRuns(
  { archive, locks }: TrainingParts,
  group: OpenGroup,
  made: readonly NewRun[],
): Promise<RunFacts> {
  const groupId = `group-${elementAt(made, 0).number}`;
  const letGo = await locks.hold(made.map(({ runId }) => runId));
  const beginnings: Beginning[] = [];
  try {
    for (const one of made) {
      const record = { ...one, groupId };
      await archive.put(record);
      beginnings.push({ record, start: null, points: [] });
    }
    // Another may have started while it waited for the text, the lock or storage.
    group.refuseIfBusy();
  } catch (thrown) {
    for (const { record } of beginnings) await archive.delete(record.runId);
    letGo();
    throw thrown;
  }
  return elementAt(group.begin(beginnings, groupId), 0);
}
