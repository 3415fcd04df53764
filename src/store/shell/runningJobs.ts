// What goes on and takes a while, for the top bar: each with how far it is and what ends it. Pure.
import type { JobId, JobKind } from '../../engine/shared/api';
import type { RunFacts } from '../../engine/train/api';
import type { GenerationRun } from '../generate/generationRun';
import type { AppState, TimedProgress } from '../state';

export type RunningJob = {
  key: string;
  label: string;
  /** null: its end is not known */
  fraction: number | null;
  secondsLeft: number | null;
  /** null: it cannot be ended, or is none of the page's business */
  end: { kind: 'job'; jobId: JobId } | { kind: 'run'; runId: string } | null;
};

const LABELS: Readonly<Record<JobKind, string>> = {
  model: 'Opening the model',
  runtime: 'Loading the runtime',
  check: 'Checking the model',
  loss: 'Measuring the loss',
  corpus: 'Reading text',
  evaluation: 'Evaluating',
  fit: 'Measuring an SAE',
  speed: 'Measuring the speed',
  generation: 'Writing',
  dose: 'Trying strengths',
  statistics: 'Statistics',
  labels: 'Guessing names',
  text: 'Searching',
  map: 'Drawing the map',
  clusters: 'Finding clusters',
  following: 'Reading checkpoints',
  births: 'Reading saved steps',
  circuit: 'Tracing a circuit',
  comparison: 'Comparing',
  export: 'Writing files',
  reproduction: 'Computing again',
  source: 'Fetching what was published',
  publishing: 'Publishing',
};

/** Early rates mislead (interface.md 8). */
const QUIET_FRACTION = 0.03;

/** Longest first: runs, then other work, then texts being written. */
export function runningJobs(
  progress: AppState['progress'],
  runs: readonly RunFacts[],
  texts: readonly (GenerationRun | null)[],
): RunningJob[] {
  return [
    ...runs.flatMap(runJob),
    ...Object.entries(progress).map(([id, one]) => progressJob(Number(id), one)),
    ...texts.flatMap((text) => (text?.running === true ? [textJob(text)] : [])),
  ];
}

function runJob({ runId, phase, step, totalSteps, etaSeconds }: RunFacts): RunningJob[] {
  const job = { key: runId, end: { kind: 'run', runId } as const };
  switch (phase.kind) {
    case 'preparing': {
      const fraction = phase.total > 0 ? phase.done / phase.total : null;
      return [{ ...job, label: phase.what, fraction, secondsLeft: null }];
    }
    case 'training': {
      const fraction = totalSteps > 0 ? step / totalSteps : null;
      return [{ ...job, label: 'Training', fraction, secondsLeft: etaSeconds }];
    }
    case 'notBegun':
    case 'queued':
    case 'paused':
    case 'done':
    case 'stopped':
    case 'failed':
      return [];
    default:
      return phase satisfies never;
  }
}

function progressJob(jobId: JobId, one: TimedProgress): RunningJob {
  const { kind, done, total, firstDone, startedAt, updatedAt } = one;
  const fraction = total === null || total === 0 ? null : Math.min(1, done / total);
  const perSecond = (1000 * (done - firstDone)) / (updatedAt - startedAt);
  const isTold = total !== null && fraction !== null && fraction > QUIET_FRACTION && perSecond > 0;
  return {
    key: String(jobId),
    label: LABELS[kind],
    fraction,
    secondsLeft: isTold ? (total - done) / perSecond : null,
    // Ids below 0 are the engine's own.
    end: jobId > 0 ? { kind: 'job', jobId } : null,
  };
}

function textJob({ generationId }: GenerationRun): RunningJob {
  return {
    key: `text-${generationId}`,
    label: LABELS.generation,
    fraction: null,
    secondsLeft: null,
    end: { kind: 'job', jobId: generationId },
  };
}
