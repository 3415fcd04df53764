// The page's view of training: running, queued and stored runs; pause and resume.
// runGroup.ts runs a group once it has started.
import { MODEL_ID_RULE } from '../../core/model/modelId';
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import type { SaeConfig } from '../../core/sae/sae';
import { nextGroup } from '../../core/train/trainingMemory';
import type { RunFacts, TrainForm, TrainPoint } from './api';
import type { OpenCorpus } from '../text/corpusHost';
import { onGpuFault } from '../gpuFault';
import type { EngineHosts } from '../hosts';
import { createLiveGroup, type LiveGroup } from './liveGroup';
import {
  checkCorpus,
  checkModel,
  createLiveRun,
  isLive,
  storedFacts,
  type Beginning,
  type LiveRun,
} from './liveRun';
import { createLatentSampler } from './latentSampler';
import { toProblem } from '../problems';
import { createRunArchive, isOpenEnded, isQueued, type NewRun, type RunRecord } from './runArchive';
import { trainGroup } from './runGroup';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import { createRunLocks, elsewhereError, elsewhereProblem } from './runLocks';
import { makeTrainConfigs } from './trainConfig';

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
  const { parts, device, modelHost, emit } = hosts;
  const archive = createRunArchive(parts.storage);
  const locks = createRunLocks(parts.locks);
  let group: LiveGroup | null = null;
  let training: Promise<void> = Promise.resolve();
  /** Bytes that groups of the queue may take; null: the queue waits. */
  let queueBudget: number | null = null;
  /** Ended runs of the group that the user deleted, so they are not listed. */
  const deleted = new Set<string>();
  onGpuFault(hosts, (fault) => group?.fail(fault));

  const liveRun = (runId: string) => group?.runs.find(({ facts }) => facts.runId === runId) ?? null;

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
    const run = liveRun(runId);
    const record = run?.facts.phase.kind === 'done' ? await archive.get(runId) : null;
    if (run === null || record === null) return;
    await archive.finish(record, run.facts.step, run.points);
    run.note({ savedStep: run.facts.step });
    run.tell();
  });

  const refuseIfBusy = () => {
    if (group?.runs.some(isLive) !== true) return;
    throw new ConfigError(
      'A run is open. Stop it first: what it has learned is kept, and it can be resumed.',
      'run',
    );
  };

  const makeConfigs = async (form: TrainForm): Promise<SaeConfig[]> => {
    const isOnProcessor = (await device.sae()).name === 'cpu';
    return makeTrainConfigs(form, modelHost.currentOrNull()?.facts ?? null, isOnProcessor);
  };

  /** Refuses a text that is too short to train or measure on, before hours are spent. The bundled
   *  one is long enough, and is tokenised while the run is being prepared. */
  const checkLength = async (corpus: OpenCorpus, config: SaeConfig) => {
    if (corpus.facts().isDemo) return;
    await corpus.count(modelHost.current().tokenizer);
    corpus.checkLength(config.contextSize);
  };

  /** The runs of a form, one per seed, not stored yet. */
  const newRecords = async (form: TrainForm): Promise<NewRun[]> => {
    const configs = await makeConfigs(form);
    const source = form.source ?? 'model';
    const corpus = hosts.corpusHost.current();
    if (source === 'model') await checkLength(corpus, elementAt(configs, 0));
    const modelId = source === 'model' ? modelHost.current().facts.id : source;
    const model = { modelId, modelIdRule: MODEL_ID_RULE };
    const corpusId = source === 'model' ? corpus.facts().id : source;
    const records: NewRun[] = [];
    for (const config of configs) {
      const number = await archive.nextNumber();
      const runId = `run-${number}`;
      records.push({ runId, number, ...model, corpusId, config, source, isStopped: false });
    }
    return records;
  };

  const checkFits = (record: RunRecord) => {
    if ((record.source ?? 'model') === 'random') return;
    checkModel(record, modelHost.current());
    checkCorpus(record, hosts.corpusHost.current().facts());
  };

  const begin = (beginnings: readonly Beginning[], groupId: string): RunFacts[] => {
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
    training = trainGroup({ ...hosts, archive }, begun, starts)
      .finally(locks.releaseAll)
      .then(playNext);
    return begun.runs.map(({ facts }) => facts);
  };

  /** Queued runs in their order. */
  const queued = async (): Promise<RunRecord[]> =>
    (await archive.list())
      .filter((record) => isQueued(record))
      .sort((a, b) => (a.queuePlace ?? 0) - (b.queuePlace ?? 0));

  const startNextGroup = async (budgetBytes: number): Promise<RunFacts[]> => {
    const records = await queued();
    const [first] = records;
    if (first === undefined) return [];
    checkFits(first);
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
    return begin(beginnings, groupId);
  };

  const playNext = async () => {
    if (queueBudget === null) return;
    try {
      const begun = await startNextGroup(queueBudget);
      if (begun.length === 0) queueBudget = null;
    } catch (thrown) {
      queueBudget = null;
      emit({ kind: 'problem', problem: toProblem(thrown) });
    }
  };

  /** Stored runs that resume with this one: trained with it and saved at the same step. */
  const companionsOf = async (record: RunRecord): Promise<RunRecord[]> => {
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
  };

  const resumeStored = async (runId: string, lrFactor: number): Promise<RunFacts> => {
    refuseIfBusy();
    const record = await archive.get(runId);
    if (record === null) {
      throw new ConfigError(`${runId} is no longer stored. Start it again.`, 'run');
    }
    if (!isOpenEnded(record)) {
      const why = isQueued(record) ? 'waits in the queue' : 'is finished';
      throw new ConfigError(`${runId} ${why}: there is nothing to resume.`, 'run');
    }
    checkFits(record);
    await device.sae();
    const isAlone = lrFactor !== 1;
    const records = isAlone ? [record] : await companionsOf(record);
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
      refuseIfBusy();
      all = begin(beginnings, elementAt(beginnings, 0).record.groupId ?? runId);
    } catch (thrown) {
      letGo();
      throw thrown;
    }
    return elementAt(
      all,
      all.findIndex((facts) => facts.runId === runId),
    );
  };

  const list = async (): Promise<RunFacts[]> => {
    const live = (group?.runs ?? [])
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
  hosts.corpusHost.guard(refuseIfBusy);

  return {
    refuseIfBusy,
    async check(form) {
      const config = elementAt(await makeConfigs(form), 0);
      const isRead = (form.source ?? 'model') === 'model';
      if (isRead) hosts.corpusHost.current().checkLength(config.contextSize);
      return config;
    },
    async start(form) {
      refuseIfBusy();
      const made = await newRecords(form);
      const groupId = `group-${elementAt(made, 0).number}`;
      const letGo = await locks.hold(made.map(({ runId }) => runId));
      const beginnings: Beginning[] = [];
      try {
        // Its settings outlive a tab that ends before the first checkpoint.
        for (const one of made) {
          const record = { ...one, groupId };
          await archive.put(record);
          beginnings.push({ record, start: null, points: [] });
        }
        // Another may have started while it waited for the text, the lock or storage.
        refuseIfBusy();
      } catch (thrown) {
        for (const { record } of beginnings) await archive.delete(record.runId);
        letGo();
        throw thrown;
      }
      return elementAt(begin(beginnings, groupId), 0);
    },
    async queue(form) {
      const records = await newRecords(form);
      const last = (await queued()).at(-1)?.queuePlace ?? 0;
      const all: RunFacts[] = [];
      for (const [i, record] of records.entries()) {
        all.push(storedFacts(await archive.put({ ...record, queuePlace: last + 1 + i })));
      }
      for (const run of all) emit({ kind: 'run', run });
      return all;
    },
    async playQueue(budgetBytes) {
      refuseIfBusy();
      if (!(budgetBytes > 0)) {
        throw new ConfigError(`GPU memory must be above 0 bytes: ${budgetBytes}`, 'budget');
      }
      const begun = await startNextGroup(budgetBytes);
      if (begun.length === 0) throw new ConfigError('No run is waiting. Queue one first.', 'run');
      queueBudget = budgetBytes;
      return begun;
    },
    async moveInQueue(runId, by) {
      const records = await queued();
      const at = records.findIndex((record) => record.runId === runId);
      const [one, other] = [records[at], records[at + by]];
      if (one === undefined || other === undefined) return;
      await archive.put({ ...one, queuePlace: other.queuePlace ?? null });
      await archive.put({ ...other, queuePlace: one.queuePlace ?? null });
    },
    async resume(runId, { lrFactor = 1 } = {}) {
      const live = liveRun(runId);
      if (group !== null && live?.facts.phase.kind === 'paused') {
        if (lrFactor === 1) {
          group.goOn();
          return live.facts;
        }
        group.leave();
        queueBudget = null;
        await training;
        group = null;
      }
      return resumeStored(runId, lrFactor);
    },
    pause: () => group?.pause(),
    stop(runId) {
      if (group === null) return;
      if (runId === undefined) queueBudget = null;
      group.stop(runId);
    },
    saveSoon: () => group?.saveSoon(),
    list,
    live(runId) {
      const run = liveRun(runId);
      if (run !== null && isLive(run)) return run;
      throw new ConfigError(`${runId} is not running; open its SAE on Explore.`, 'run');
    },
    async points(runId) {
      const live = liveRun(runId);
      if (live !== null) return [...live.points];
      const record = await archive.get(runId);
      return record === null ? [] : archive.points(record);
    },
    async delete(runId) {
      const live = liveRun(runId);
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
