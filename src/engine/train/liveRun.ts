// One run as the page sees it: facts, curve and rate. The runs that are trained with it are liveGroup.ts',
// the loop that trains them trainingLoop.ts.
import { isSameContent } from '../../core/contentId';
import { isOfModel, type ModelIdRule } from '../../core/model/modelId';
import { elementAt } from '../../core/elementAt';
import { ConfigError } from '../../core/errors';
import { totalSteps, type SaeConfig } from '../../core/sae/sae';
import type { StepMetrics } from '../../core/train/trainerState';
import type { EngineEvent } from '../api';
import type { Problem } from '../shared/api';
import type { CorpusFacts } from '../text/api';
import type { ActivationSource, RunFacts, RunPhase, TrainPoint } from './api';
import { DEMO_CORPUS } from '../text/corpusHost';
import type { LatentSampler } from './latentSampler';
import type { OpenModel } from '../model/openModel';
import { isQueued, type NewRun, type RunRecord } from './runArchive';
import type { LoopStart } from './trainingLoop';

/** Window of the tokens-per-second average, ms: several turns of filling the ring and training on it. */
const RATE_WINDOW = 30_000;
/** A shorter window (ms) is too noisy to show. */
const MIN_RATE_SPAN = 3_000;

/** One run on its way. Whoever reads it finds it as it is now; it is changed by these functions alone. */
export type LiveRun = {
  readonly facts: RunFacts;
  readonly number: number;
  readonly points: readonly TrainPoint[];
  /** samples of its latents while the page watches */
  readonly sampler: LatentSampler;
  readonly isStopWanted: boolean;
  /** At the next step. */
  stop: () => void;
  /** Changes what is known of it; heard of with what is told next. */
  note: (change: Partial<RunFacts>) => void;
  tell: () => void;
  setPhase: (phase: RunPhase) => void;
  /** now: ms */
  advance: (step: number, now: number) => void;
  addPoints: (metrics: readonly StepMetrics[]) => void;
  /** warning: why it stands still, if nobody asked for it */
  hold: (warning: Problem | null) => void;
  goOn: () => void;
};

/** How a run begins: anew, or from a checkpoint. */
export type Beginning = { record: NewRun; start: LoopStart | null; points: TrainPoint[] };

/** companions: other runs that share its forward passes. */
export function createLiveRun(
  { record, start, points: before }: Beginning,
  companions: number,
  o: { emit: (event: EngineEvent) => void; sampler: LatentSampler },
): LiveRun {
  const { emit, sampler } = o;
  const { runId, number, modelId, modelIdRule, corpusId = '', config, source = 'model' } = record;
  const points = [...before];
  const begun = start?.state.step ?? 0;
  let facts: RunFacts = {
    ...newFacts({ runId, modelId, modelIdRule, corpusId, config, source }),
    step: begun,
    savedStep: start === null ? null : begun,
    companions,
  };
  let isStopWanted = false;
  let marks: { time: number; step: number }[] = [];
  const note = (change: Partial<RunFacts>) => {
    facts = { ...facts, ...change };
  };
  const tell = () => {
    emit({ kind: 'run', run: facts });
  };
  const setPhase = (phase: RunPhase) => {
    note({ phase });
    tell();
  };
  return {
    number,
    points,
    sampler,
    get facts() {
      return facts;
    },
    get isStopWanted() {
      return isStopWanted;
    },
    stop() {
      isStopWanted = true;
    },
    note,
    tell,
    setPhase,
    advance(step, now) {
      marks.push({ time: now, step });
      while (marks.length > 2 && now - (marks[0]?.time ?? now) > RATE_WINDOW) marks.shift();
      const rate = rateOf(marks, step, now, config.batchSize);
      const left = (facts.totalSteps - step) * config.batchSize;
      note({ step, tokensPerSecond: rate, etaSeconds: rate === null ? null : left / rate });
      tell();
    },
    addPoints(metrics) {
      const added = metrics.map((one) => pointOf(one, config));
      points.push(...added);
      emit({ kind: 'points', runId, points: added });
    },
    hold(warning) {
      note({ warning, tokensPerSecond: null, etaSeconds: null });
      setPhase({ kind: 'paused' });
    },
    goOn() {
      marks = [];
      note({ warning: null });
      if (!isStopWanted) setPhase({ kind: 'training' });
    },
  };
}

/** Tokens per second since the oldest mark; null where that says nothing yet. */
function rateOf(
  marks: readonly { time: number; step: number }[],
  step: number,
  now: number,
  batchSize: number,
): number | null {
  const [oldest] = marks;
  if (oldest === undefined || now - oldest.time < MIN_RATE_SPAN) return null;
  return ((step - oldest.step) * batchSize * 1000) / (now - oldest.time);
}

function pointOf(m: StepMetrics, { batchSize, d_sae }: SaeConfig): TrainPoint {
  return {
    step: m.step,
    tokens: (m.step + 1) * batchSize,
    loss: m.loss,
    l0: m.l0,
    explainedVariance: m.explainedVariance,
    deadFraction: m.deadCount / d_sae,
    auxLoss: m.auxLoss,
  };
}

function newFacts(o: {
  runId: string;
  modelId: string;
  modelIdRule?: ModelIdRule | undefined;
  corpusId: string;
  config: SaeConfig;
  source: ActivationSource;
}): RunFacts {
  const { runId, modelId, modelIdRule, corpusId, config, source } = o;
  return {
    runId,
    modelId,
    ...(modelIdRule !== undefined && { modelIdRule }),
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
  const { savedStep, checkpoint } = record;
  const source = record.source ?? 'model';
  return {
    ...newFacts({ ...record, corpusId: corpusIdOf(record), source }),
    phase: { kind: storedPhase(record) },
    step: savedStep,
    savedStep: checkpoint === null ? null : savedStep,
  };
}

function storedPhase(record: RunRecord): 'queued' | 'done' | 'notBegun' | 'stopped' | 'paused' {
  if (record.finished !== undefined) return 'done';
  if (isQueued(record)) return 'queued';
  if (record.checkpoint === null) return 'notBegun';
  return record.isStopped ? 'stopped' : 'paused';
}

/** The bundled corpus of the time when records did not name theirs. */
const FIRST_CORPUS_ID = 'demo~6bf7cffd2f2c';

function corpusIdOf(record: RunRecord): string {
  return record.corpusId ?? FIRST_CORPUS_ID;
}

/** Checked because a resumed run would otherwise continue with other text. */
export function checkCorpus(record: RunRecord, corpus: CorpusFacts): void {
  const wanted = corpusIdOf(record);
  if (isSameContent(wanted, corpus.id)) return;
  if (wanted.startsWith(`${DEMO_CORPUS.name}~`) && !isSameContent(wanted, DEMO_CORPUS.id)) {
    throw new ConfigError(
      `${record.runId} was trained on the bundled corpus of an earlier version, which is not here any more. Delete it, or start it again.`,
      'corpus',
    );
  }
  const which = isSameContent(wanted, DEMO_CORPUS.id) ? 'the bundled corpus' : `the text ${wanted}`;
  const open = corpus.isDemo ? 'the bundled corpus' : corpus.id;
  throw new ConfigError(
    `${record.runId} was trained on ${which}, and ${open} is open. Open that text again, then resume.`,
    'corpus',
  );
}

export function checkModel(record: RunRecord, { facts }: OpenModel): void {
  if (isOfModel(record, facts)) return;
  throw new ConfigError(
    `${record.runId} was trained on model ${record.modelId}, and ${facts.id} is open. Open that model, then resume.`,
    'run',
  );
}

export function isLive({ facts }: Pick<LiveRun, 'facts'>): boolean {
  return ['preparing', 'training', 'paused'].includes(facts.phase.kind);
}

/** Fewest losses needed for a median. */
const MIN_USUAL_POINTS = 50;
const USUAL_POINTS = 200;
const DIVERGED_FACTOR = 10;

/** The median loss of the last 200 steps if the newest is more than ten times as large; else null
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
