// One run as the page sees it: facts, curve, rate and the switches that the page has thrown; and the group of
// runs that are trained together. The loop that trains them is trainingLoop.ts, who starts it trainingHost.ts.
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { totalSteps, type SaeConfig } from '../../core/sae/sae';
import type { StepMetrics } from '../../core/train/trainerState';
import type { EngineEvent } from '../api';
import type { Problem } from '../shared/api';
import type { CorpusFacts } from '../text/api';
import type { ActivationSource, RunFacts, RunPhase, TrainPoint } from './api';
import { DEMO_CORPUS, type OpenCorpus } from '../text/corpusHost';
import type { LatentSampler } from './latentSampler';
import type { OpenModel } from '../model/modelHost';
import { isQueued, type RunRecord } from './runArchive';

/** Window of the tokens-per-second average, ms: several turns of filling the ring and training on it. */
const RATE_WINDOW = 30_000;
/** Less than this (ms) says nothing yet. */
const MIN_RATE_SPAN = 3_000;

export type LiveRun = {
  facts: RunFacts;
  number: number;
  points: TrainPoint[];
  isStopWanted: boolean;
  /** it was paused for its loss once and let go on */
  isDivergenceAccepted: boolean;
  marks: { time: number; step: number }[];
  /** what its latents do now, while somebody looks */
  sampler: LatentSampler;
};

/** Runs trained together: paused, saved and lost together, stopped each by itself. */
export type LiveGroup = {
  groupId: string;
  runs: LiveRun[];
  /** the text they began with, whatever is open by now */
  corpus: OpenCorpus;
  isPauseWanted: boolean;
  isSaveWanted: boolean;
  /** after a pause: ends without a trace, to go on from the last checkpoint */
  isAbandoned: boolean;
  /** storage had no room for snapshots */
  isWithoutSnapshots: boolean;
  /** ends a pause */
  wake: () => void;
};

export function newFacts(o: {
  runId: string;
  modelId: string;
  corpusId: string;
  config: SaeConfig;
  source: ActivationSource;
}): RunFacts {
  const { runId, modelId, corpusId, config, source } = o;
  return {
    runId,
    modelId,
    corpusId,
    config,
    source,
    phase: { kind: 'preparing', what: 'Starting', done: 0, total: 1 },
    step: 0,
    totalSteps: totalSteps(config),
    tokensPerSecond: null,
    etaSeconds: null,
    savedStep: null,
    warning: null,
    companions: 0,
  };
}

export function storedFacts(record: RunRecord): RunFacts {
  const { isStopped, savedStep, checkpoint } = record;
  const kind = isQueued(record) ? 'queued' : isStopped ? 'stopped' : 'paused';
  const source = record.source ?? 'model';
  return {
    ...newFacts({ ...record, corpusId: corpusIdOf(record), source }),
    phase: { kind },
    step: savedStep,
    savedStep: checkpoint === null ? null : savedStep,
  };
}

function corpusIdOf(record: RunRecord): string {
  return record.corpusId ?? DEMO_CORPUS.id;
}

/** What comes after "~" must agree; the name before it may differ (a renamed file). */
function isSame(id: string, other: string): boolean {
  return id.split('~').at(-1) === other.split('~').at(-1);
}

/** A resumed run would go on with other text at the same place. */
export function checkCorpus(record: RunRecord, corpus: CorpusFacts): void {
  const wanted = corpusIdOf(record);
  if (isSame(wanted, corpus.id)) return;
  const which = isSame(wanted, DEMO_CORPUS.id) ? 'the bundled corpus' : `the text ${wanted}`;
  const open = corpus.isDemo ? 'the bundled corpus' : corpus.id;
  throw new ConfigError(
    `${record.runId} was trained on ${which}, and ${open} is open. Open that text again, then resume.`,
    'corpus',
  );
}

export function checkModel(record: RunRecord, { facts }: OpenModel): void {
  if (isSame(record.modelId, facts.id)) return;
  throw new ConfigError(
    `${record.runId} was trained on model ${record.modelId}, and ${facts.id} is open. Open that model, then resume.`,
    'run',
  );
}

export function isLive({ facts }: LiveRun): boolean {
  return ['preparing', 'training', 'paused'].includes(facts.phase.kind);
}

export function setPhase(run: LiveRun, phase: RunPhase, emit: (event: EngineEvent) => void): void {
  run.facts = { ...run.facts, phase };
  emit({ kind: 'run', run: run.facts });
}

/** Resolves when the group is woken. `warning`: why it stands still, if nobody asked for it. */
export async function waitPaused(
  group: LiveGroup,
  warning: Problem | null,
  emit: (event: EngineEvent) => void,
): Promise<void> {
  const runs = group.runs.filter(isLive);
  for (const run of runs) {
    run.facts = { ...run.facts, warning, tokensPerSecond: null, etaSeconds: null };
    setPhase(run, { kind: 'paused' }, emit);
  }
  await new Promise<void>((resolve) => {
    group.wake = resolve;
  });
  group.wake = () => undefined;
  for (const run of runs) {
    run.marks = [];
    run.facts = { ...run.facts, warning: null };
    if (!run.isStopWanted) setPhase(run, { kind: 'training' }, emit);
  }
}

export function advance(
  run: LiveRun,
  step: number,
  now: number,
  emit: (event: EngineEvent) => void,
): void {
  const { config } = run.facts;
  run.marks.push({ time: now, step });
  while (run.marks.length > 2 && now - (run.marks[0]?.time ?? now) > RATE_WINDOW) run.marks.shift();
  const oldest = run.marks[0];
  const span = oldest === undefined ? 0 : now - oldest.time;
  const rate =
    oldest === undefined || span < MIN_RATE_SPAN
      ? null
      : ((step - oldest.step) * config.batchSize * 1000) / span;
  const left = (run.facts.totalSteps - step) * config.batchSize;
  run.facts = {
    ...run.facts,
    step,
    tokensPerSecond: rate,
    etaSeconds: rate === null ? null : left / rate,
  };
  emit({ kind: 'run', run: run.facts });
}

export function addPoints(
  run: LiveRun,
  metrics: StepMetrics[],
  emit: (event: EngineEvent) => void,
): void {
  const { runId, config } = run.facts;
  const points = metrics.map((m): TrainPoint => ({
    step: m.step,
    tokens: (m.step + 1) * config.batchSize,
    loss: m.loss,
    l0: m.l0,
    explainedVariance: m.explainedVariance,
    deadFraction: m.deadCount / config.d_sae,
    auxLoss: m.auxLoss,
  }));
  run.points.push(...points);
  emit({ kind: 'points', runId, points });
}

/** Losses before this many say nothing of what is usual. */
const MIN_USUAL_POINTS = 50;
const USUAL_POINTS = 200;
const DIVERGED_FACTOR = 10;

/** The median loss of the last 200 steps when the newest is more than ten times that; else null
 *  (interface.md 2.2, Transport). */
export function divergedFrom(points: readonly TrainPoint[]): number | null {
  const newest = points.at(-1);
  if (newest === undefined || points.length < MIN_USUAL_POINTS) return null;
  const losses = points.slice(-USUAL_POINTS).map(({ loss }) => loss);
  const median = elementAt(
    losses.sort((a, b) => a - b),
    Math.floor(losses.length / 2),
  );
  return newest.loss > DIVERGED_FACTOR * median ? median : null;
}
