// The one group of runs that is on its way, from its first step to its end.
import { ConfigError } from '../../core/errors';
import { onGpuFault } from '../gpuFault';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { EngineHosts } from '../hosts';
import type { RunFacts } from './api';
import { createLatentSampler } from './latentSampler';
import { createLiveGroup, type LiveGroup } from './liveGroup';
import { createLiveRun, isLive, type Beginning, type LiveRun } from './liveRun';
import type { RunArchive } from './runArchive';
import { trainGroup } from './runGroup';
import type { RunLocks } from './runLocks';

/** What the parts of the training host share. */
export type TrainingParts = EngineHosts & {
  snapshots: SnapshotArchive;
  archive: RunArchive;
  locks: RunLocks;
};

export type OpenGroup = {
  /** null before the first one; the last one stays after its end */
  current: () => LiveGroup | null;
  run: (runId: string) => LiveRun | null;
  /** Throws ConfigError while a run is open. */
  refuseIfBusy: () => void;
  /** Trains them together; when all have ended their locks are released and the queue goes on. */
  begin: (beginnings: readonly Beginning[], groupId: string) => RunFacts[];
  /** Ends a paused group without a trace and waits until it has let go of the device. */
  leave: () => Promise<void>;
};

export function createOpenGroup(hosts: TrainingParts, playNext: () => Promise<void>): OpenGroup {
  const { parts, locks, emit } = hosts;
  let group: LiveGroup | null = null;
  let training: Promise<void> = Promise.resolve();
  onGpuFault(hosts, (fault) => group?.fail(fault));
  return {
    current: () => group,
    run: (runId) => group?.runs.find(({ facts }) => facts.runId === runId) ?? null,
    refuseIfBusy() {
      if (group?.runs.some(isLive) !== true) return;
      throw new ConfigError(
        'A run is open. Stop it first: what it has learned is kept, and it can be resumed.',
        'run',
      );
    },
    begin(beginnings, groupId) {
      const companions = beginnings.length - 1;
      const begun = createLiveGroup({
        groupId,
        corpus: hosts.corpusHost.current(),
        runs: beginnings.map((one) =>
          createLiveRun(one, companions, { emit, sampler: createLatentSampler(parts.now) }),
        ),
      });
      group = begun;
      for (const run of begun.runs) {
        const { facts, points } = run;
        if (points.length > 0) emit({ kind: 'points', runId: facts.runId, points: [...points] });
        run.tell();
      }
      const starts = beginnings.map(({ start }) => start);
      training = trainGroup(hosts, begun, starts).finally(locks.releaseAll).then(playNext);
      return begun.runs.map(({ facts }) => facts);
    },
    async leave() {
      group?.leave();
      await training;
      group = null;
    },
  };
}
