// Runs that go on: each from its last checkpoint, together with those it was trained with.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import type { RunFacts } from './api';
import type { Beginning } from './liveRun';
import type { NewRuns } from './newRuns';
import type { OpenGroup, TrainingParts } from './openGroup';
import { isOpenEnded, isQueued, type NewRun, type RunArchive, type RunRecord } from './runArchive';

/** lrFactor: multiplies the learning rate; a run with another rate than its companions goes on alone. Throws
 *  ConfigError where there is nothing to resume, another run is open, or another tab has it. */
export async function resumeRun(
  { device, archive, locks }: TrainingParts,
  { group, newRuns }: { group: OpenGroup; newRuns: NewRuns },
  runId: string,
  lrFactor: number,
): Promise<RunFacts> {
  group.refuseIfBusy();
  const record = await openEnded(archive, runId);
  newRuns.checkFits(record);
  await device.sae();
  const isAlone = lrFactor !== 1;
  const records = isAlone ? [record] : await companionsOf(archive, record);
  const letGo = await locks.hold(records.map((one) => one.runId));
  let all: RunFacts[];
  try {
    const beginnings: Beginning[] = [];
    for (const one of records) {
      const checkpoint = await archive.load(one);
      const config = { ...one.config, lr: one.config.lr * lrFactor };
      const going: NewRun = { ...one, config, isStopped: false };
      if (isAlone) going.groupId = `group-${one.number}-${one.savedStep}`;
      await archive.put(going);
      beginnings.push({ record: going, start: checkpoint, points: checkpoint?.points ?? [] });
    }
    group.refuseIfBusy();
    all = group.begin(beginnings, elementAt(beginnings, 0).record.groupId ?? runId);
  } catch (thrown) {
    letGo();
    throw thrown;
  }
  return elementAt(
    all,
    all.findIndex((facts) => facts.runId === runId),
  );
}

async function openEnded(archive: RunArchive, runId: string): Promise<RunRecord> {
  const record = await archive.get(runId);
  if (record === null) {
    throw new ConfigError(`${runId} is no longer stored. Start it again.`, 'run');
  }
  if (!isOpenEnded(record)) {
    const why = isQueued(record) ? 'waits in the queue' : 'is finished';
    throw new ConfigError(`${runId} ${why}: there is nothing to resume.`, 'run');
  }
  return record;
}

/** Stored runs that resume with this one: trained with it and saved at the same step. */
async function companionsOf(archive: RunArchive, record: RunRecord): Promise<RunRecord[]> {
  if (record.groupId === undefined) return [record];
  return (await archive.list())
    .filter(
      (other) =>
        other.runId === record.runId ||
        (other.groupId === record.groupId &&
          !other.isStopped &&
          !record.isStopped &&
          isOpenEnded(other) &&
          other.savedStep === record.savedStep),
    )
    .sort((a, b) => a.number - b.number);
}
