// One run as the page sees it: facts, curve, rate and the switches that the page has thrown. The loop that
// trains it is trainingLoop.ts; who starts it is trainingHost.ts.
import { ConfigError } from '../core/errors';
import { totalSteps, type SaeConfig } from '../core/sae';
import type { StepMetrics } from '../core/trainerState';
import type { CorpusFacts, EngineEvent, RunFacts, RunPhase, TrainPoint } from './api';
import { DEMO_CORPUS, type OpenCorpus } from './corpusHost';
import type { OpenModel } from './modelHost';
import type { RunRecord } from './runArchive';

/** Window of the tokens-per-second average, ms: several turns of filling the ring and training on it. */
const RATE_WINDOW = 30_000;
/** Less than this (ms) says nothing yet. */
const MIN_RATE_SPAN = 3_000;

export type LiveRun = {
  facts: RunFacts;
  /** the text it began with, whatever is open by now */
  corpus: OpenCorpus;
  number: number;
  points: TrainPoint[];
  isPauseWanted: boolean;
  isStopWanted: boolean;
  isSaveWanted: boolean;
  /** ends a pause */
  wake: () => void;
  marks: { time: number; step: number }[];
};

export function newFacts(o: {
  runId: string;
  modelId: string;
  corpusId: string;
  config: SaeConfig;
}): RunFacts {
  const { runId, modelId, corpusId, config } = o;
  return {
    runId,
    modelId,
    corpusId,
    config,
    phase: { kind: 'preparing', what: 'Starting', done: 0, total: 1 },
    step: 0,
    totalSteps: totalSteps(config),
    tokensPerSecond: null,
    etaSeconds: null,
    savedStep: null,
  };
}

export function storedFacts(record: RunRecord): RunFacts {
  return {
    ...newFacts({ ...record, corpusId: corpusIdOf(record) }),
    phase: { kind: record.isStopped ? 'stopped' : 'paused' },
    step: record.savedStep,
    savedStep: record.savedStep,
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

export async function waitPaused(
  run: LiveRun,
  setPhase: (run: LiveRun, phase: RunPhase) => void,
): Promise<void> {
  run.facts = { ...run.facts, tokensPerSecond: null, etaSeconds: null };
  setPhase(run, { kind: 'paused' });
  await new Promise<void>((resolve) => {
    run.wake = resolve;
  });
  run.wake = () => undefined;
  run.marks = [];
  if (!run.isStopWanted) setPhase(run, { kind: 'training' });
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
