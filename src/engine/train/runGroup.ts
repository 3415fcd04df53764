// Trains one group of runs to its end: phases, autosaves, snapshots, pauses, and the outcome of each run. The
// numbers are computed in trainingLoop.ts; trainingHost.ts handles commands and the queue.
import { elementAt } from '../../core/elementAt';
import { foldSae } from '../../core/sae/saeFold';
import { totalSteps, type SaeParams } from '../../core/sae/sae';
import { snapshotSteps } from '../../core/sae/snapshots';
import { trainerStateParams } from '../../core/train/trainerState';
import { UnreadableRecordError } from '../../storage/records';
import { StorageFullError } from '../../storage/storage';
import type { ActivationFeed } from '../activations/activationFeed';
import type { Problem } from '../shared/api';
import type { RunFacts } from './api';
import type { EngineHosts } from '../hosts';
import type { LiveGroup } from './liveGroup';
import { divergedFrom, type LiveRun } from './liveRun';
import { CancelledError, divergedProblem, runProblem, toProblem } from '../problems';
import { streamFields } from '../activations/keptActivations';
import { createRandomFeed } from '../activations/randomFeed';
import type { NewRun, RunArchive } from './runArchive';
import type { SnapshotArchive } from '../sae/snapshotArchive';
import type { LoopStart } from './trainingLoop';

/** Milliseconds between autosaves (interface.md 8 asks for at least every 60 s). */
const AUTOSAVE_INTERVAL = 20_000;
/** Counted held-out tokens on which a finished SAE is measured. */
const HELD_OUT_TOKENS = 8192;

export type GroupHosts = EngineHosts & {
  archive: RunArchive;
  snapshots: SnapshotArchive;
};

/** One group in progress, with the state its parts share. */
type Training = GroupHosts & {
  group: LiveGroup;
  savedAt: number;
  snapshotSteps: ReadonlySet<number>;
  /** storage had no room for snapshots */
  isWithoutSnapshots: boolean;
  /** were paused for their loss once and let go on */
  divergenceAccepted: Set<LiveRun>;
};

/** `starts` in the order of the group's runs. Resolves when every run has ended; never rejects. */
export async function trainGroup(
  hosts: GroupHosts,
  group: LiveGroup,
  starts: readonly (LoopStart | null)[],
): Promise<void> {
  const configs = group.runs.map(({ facts }) => facts.config);
  const steps = new Set(snapshotSteps(totalSteps(elementAt(configs, 0))));
  const t: Training = {
    ...hosts,
    group,
    savedAt: hosts.parts.now(),
    snapshotSteps: steps,
    isWithoutSnapshots: false,
    divergenceAccepted: new Set(),
  };
  try {
    await withSnapshots(t, async () => {
      for (const [i, { facts }] of group.runs.entries()) {
        await hosts.snapshots.deleteAfter(facts.runId, starts[i]?.state.step ?? -1);
      }
    });
    await runLoop(t, starts);
  } catch (thrown) {
    // After a device loss some arbitrary promise fails first: report the cause, not the symptom.
    // The browser may report the loss slightly later than that failure.
    await hosts.parts.breathe();
    endAll(t, group.fault ?? thrown);
  }
}

async function runLoop(t: Training, starts: readonly (LoopStart | null)[]): Promise<void> {
  const { group } = t;
  const { runTrainingLoop } = await import('./trainingLoop');
  await runTrainingLoop({
    backend: await t.device.sae(),
    feed: await createFeed(t),
    members: group.runs.map((run, i) => ({
      config: run.facts.config,
      start: elementAt(starts, i),
      onMetrics: run.addPoints,
      sampler: run.sampler,
      isStopped: () => run.isStopWanted,
    })),
    hooks: {
      breathe: () => breathe(t),
      onPreparing: (what, done, total) => {
        for (const run of group.live()) run.setPhase({ kind: 'preparing', what, done, total });
      },
      onTraining: () => {
        for (const run of group.live()) run.setPhase({ kind: 'training' });
      },
      betweenSteps: (step, readStates) => betweenSteps(t, step, readStates),
      onLeft: async (index, end) => {
        const run = elementAt(group.runs, index);
        if (end instanceof Error) fail(run, end);
        else await finish(t, run, end);
        const others = group.live();
        for (const other of others) {
          other.note({ companions: others.length - 1 });
          other.tell();
        }
      },
    },
  });
}

async function createFeed({
  group,
  modelHost,
  keptActivations,
}: Training): Promise<ActivationFeed> {
  const configs = group.runs.map(({ facts }) => facts.config);
  const stream = elementAt(configs, 0);
  const { hookPointsOf } = await import('./trainingLoop');
  const hooks = hookPointsOf(configs);
  if (elementAt(group.runs, 0).facts.source === 'random')
    return createRandomFeed(stream, stream.d_in, hooks.length);
  const { createActivationFeed } = await import('../activations/activationFeed');
  const runtime = await modelHost.runtime();
  const { facts, tokenizer } = modelHost.current();
  const { backend, weightPrecision: precision, predicts = true } = runtime;
  const corpusId = group.corpus.facts().id;
  const keys = hooks.map((hook) => {
    return { modelId: facts.id, backend, precision, corpusId, hook, ...streamFields(stream) };
  });
  // Rows of a file are there already.
  const streams = predicts ? await Promise.all(keys.map(keptActivations.open)) : [];
  const kept = streams.filter((one) => one !== null);
  return createActivationFeed({
    stream,
    hooks,
    runtime,
    tokenizer,
    corpusHost: group.corpus,
    kept,
  });
}

function throwIfFaulty(t: Training): void {
  if (t.group.fault !== null) throw t.group.fault;
}

async function breathe(t: Training): Promise<void> {
  throwIfFaulty(t);
  await t.parts.breathe();
  await t.turns.waitForIdle();
}

async function betweenSteps(
  t: Training,
  step: number,
  readStates: () => Promise<(LoopStart | null)[]>,
): Promise<void> {
  const { group, parts } = t;
  throwIfFaulty(t);
  for (const run of group.live()) run.advance(step, parts.now());
  // Read once: a request that arrives while this step is being saved applies to the next step.
  const isPausing = group.isPauseWanted;
  const isDue = parts.now() - t.savedAt >= AUTOSAVE_INTERVAL;
  const isSaving = step > 0 && (isDue || isPausing || group.isSaveWanted);
  const isSnapshot = isPausing || t.snapshotSteps.has(step);
  if (isSnapshot || isSaving) {
    const states = await readStates();
    if (isSnapshot) await keepSnapshots(t, states);
    if (isSaving) await saveAll(t, states);
  }
  if (isPausing && !group.isStopping()) await pause(t, null);
  await pauseWhenDiverged(t);
  await breathe(t);
}

async function pause(t: Training, warning: Problem | null): Promise<void> {
  await t.group.hold(warning);
  throwIfFaulty(t);
  if (t.group.isLeft) throw new CancelledError('left to go on from its last checkpoint');
}

/** Pauses without saving: the last checkpoint is the good one. After the user has resumed a run once, it
 *  is not paused again. */
async function pauseWhenDiverged(t: Training): Promise<void> {
  for (const run of t.group.live()) {
    const median = t.divergenceAccepted.has(run) ? null : divergedFrom(run.points);
    if (median === null) continue;
    t.divergenceAccepted.add(run);
    const { step, loss } = elementAt(run.points, run.points.length - 1);
    await pause(t, divergedProblem(step, loss, median));
  }
}

/** Snapshots are only for looking back: without room for them the run continues, and says so once. */
async function keepSnapshots(t: Training, states: readonly (LoopStart | null)[]): Promise<void> {
  await withSnapshots(t, async () => {
    for (const [i, start] of states.entries()) {
      if (start !== null) await keepSnapshot(t, elementAt(t.group.runs, i), start);
    }
  });
}

async function withSnapshots(t: Training, work: () => Promise<void>): Promise<void> {
  if (t.isWithoutSnapshots) return;
  try {
    await work();
  } catch (cause) {
    const isFull = cause instanceof StorageFullError;
    if (!isFull && !(cause instanceof UnreadableRecordError)) throw cause;
    t.isWithoutSnapshots = true;
    const why = isFull ? 'Delete runs or SAEs to make room' : 'What is stored of it is unreadable';
    const wayOut = `Training continues, but its history ends here. ${why}.`;
    t.emit({ kind: 'problem', problem: { ...toProblem(cause), wayOut } });
  }
}

function keepSnapshot(t: Training, run: LiveRun, { state, calibration }: LoopStart): Promise<void> {
  return t.snapshots.save(run.facts.runId, {
    step: state.step,
    params: foldSae(trainerStateParams(state, run.facts.config), calibration),
    tokensSinceFired: state.tokensSinceFired,
  });
}

/** A full disk pauses the group; Resume tries again. */
async function saveAll(t: Training, states: readonly (LoopStart | null)[]): Promise<void> {
  const { group, parts } = t;
  group.saving();
  for (;;) {
    try {
      for (const [i, start] of states.entries()) {
        if (start !== null) await save(t, elementAt(group.runs, i), start, false);
      }
      t.savedAt = parts.now();
      for (const run of group.live()) run.tell();
      return;
    } catch (cause) {
      if (!(cause instanceof StorageFullError)) throw cause;
      await pause(t, noRoomProblem(cause, elementAt(group.live(), 0).facts));
      if (group.isStopping()) return;
    }
  }
}

/** Told while the run stands still. */
function noRoomProblem(cause: StorageFullError, { savedStep }: RunFacts): Problem {
  const kept =
    savedStep === null
      ? 'Nothing of this run but its settings is stored yet'
      : `The checkpoint of step ${savedStep} is kept`;
  const wayOut = `${kept}. Delete a run, an SAE or a kept model to make room, then press Resume.`;
  return { ...toProblem(cause), wayOut };
}

function recordOf(group: LiveGroup, run: LiveRun, isStopped: boolean): NewRun {
  const { runId, modelId, modelIdRule, corpusId, config, source } = run.facts;
  const { number } = run;
  const { groupId } = group;
  const model = { modelId, ...(modelIdRule !== undefined && { modelIdRule }) };
  return { runId, number, ...model, corpusId, config, source, groupId, isStopped };
}

async function save(t: Training, run: LiveRun, start: LoopStart, isStopped: boolean) {
  const record = await t.archive.save(recordOf(t.group, run, isStopped), {
    ...start,
    points: [...run.points],
  });
  run.note({ savedStep: record.savedStep });
}

async function finish(t: Training, run: LiveRun, end: LoopStart): Promise<void> {
  const { config, source } = run.facts;
  const { step } = end.state;
  const isWhole = step >= totalSteps(config);
  run.note({ step, etaSeconds: null, companions: 0 });
  try {
    const sae = step > 0 && source === 'model' ? await keepSae(t, run, end) : null;
    // A stopped run can be resumed later. Of a finished one the checkpoint goes once its SAE is stored.
    if (isWhole) {
      if (sae?.isUnstored !== true) await endStored(t, run);
    } else if (step > 0) {
      await keepSnapshots(t, statesWith(t.group, run, end));
      await saveStopped(t, run, end);
    }
    run.setPhase({ kind: isWhole ? 'done' : 'stopped' });
  } catch (thrown) {
    await t.parts.breathe();
    fail(run, t.group.fault ?? thrown);
  }
}

/** What the run made is stored. Where this cannot be written down, the checkpoint stays and the run can be
 *  resumed, to the same SAE. */
async function endStored(t: Training, run: LiveRun): Promise<void> {
  const { step } = run.facts;
  try {
    await t.archive.finish(recordOf(t.group, run, false), step, run.points);
    run.note({ savedStep: step });
  } catch (cause) {
    if (!(cause instanceof StorageFullError)) throw cause;
    t.emit({ kind: 'problem', problem: toProblem(cause) });
  }
}

function statesWith(group: LiveGroup, run: LiveRun, end: LoopStart): (LoopStart | null)[] {
  return group.runs.map((other) => (other === run ? end : null));
}

/** The SAE is in the library by now: with a full disk only resuming is lost, and the run says so. */
async function saveStopped(t: Training, run: LiveRun, end: LoopStart): Promise<void> {
  try {
    await save(t, run, end, true);
  } catch (cause) {
    if (!(cause instanceof StorageFullError)) throw cause;
    t.emit({ kind: 'problem', problem: toProblem(cause) });
  }
}

function keptWithoutSae({ savedStep, runId }: RunFacts): string {
  return savedStep === null
    ? `The settings of ${runId} are kept: after a reload, Start trains it again.`
    : `The checkpoint of ${runId} at step ${savedStep} is kept: after a reload, Resume trains the rest again.`;
}

async function keepSae(t: Training, run: LiveRun, { state, calibration }: LoopStart) {
  const { config, modelId, modelIdRule, runId } = run.facts;
  const params = foldSae(trainerStateParams(state, config), calibration);
  const heldOut = await measureHeldOut(t, run, params);
  return t.library.addTrained({
    runId,
    modelId,
    modelIdRule,
    corpus: t.group.corpus.facts(),
    config,
    tokens: state.step * config.batchSize,
    explainedVariance: heldOut.explainedVariance,
    l0: heldOut.l0,
    deadFraction: run.points.at(-1)?.deadFraction ?? null,
    params,
    alsoKept: keptWithoutSae(run.facts),
  });
}

async function measureHeldOut(t: Training, run: LiveRun, params: SaeParams) {
  const { config } = run.facts;
  const backend = await t.device.sae();
  const encoder = await backend.createEncoder(params);
  try {
    const { tokenizer } = t.modelHost.current();
    const { evaluateReconstruction } = await import('../evaluate/evaluate');
    return await evaluateReconstruction({
      params,
      hook: config.hookPoint,
      encoder,
      runtime: await t.modelHost.runtime(),
      corpus: await t.group.corpus.pack(tokenizer, 'heldOut', {
        contextSize: config.contextSize,
        prependBos: config.prependBos,
        seed: 0,
        epoch: 0,
      }),
      tokens: HELD_OUT_TOKENS,
      readMatrix: backend.readMatrix,
      onProgress: async (done) => {
        const what = 'Measuring on held-out text';
        run.setPhase({ kind: 'preparing', what, done, total: HELD_OUT_TOKENS });
        await breathe(t);
      },
    });
  } finally {
    encoder.dispose();
  }
}

function fail(run: LiveRun, cause: unknown): void {
  run.setPhase({ kind: 'failed', problem: runProblem(cause, run.facts.savedStep) });
}

/** The error that ended the loop ends every run that is still in it. */
function endAll({ group }: Training, cause: unknown): void {
  for (const run of group.live()) {
    if (!(cause instanceof CancelledError)) fail(run, cause);
    else run.setPhase({ kind: group.isLeft ? 'paused' : 'stopped' });
  }
}
