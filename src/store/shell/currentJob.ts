// What the status bar says is going on. Pure.
import type { JobKind } from '../../engine/shared/api';
import { isGenerating } from '../generate/generateSelectors';
import { progressOf } from '../progress';
import type { AppState, TimedProgress } from '../state';
import { activeRun } from '../train/trainSelectors';

export type JobLine = { label: string; fraction: number | null };

/** The one long thing going on, for the status bar: loading, training, counting, generating. */
export function currentJob(state: AppState): JobLine | null {
  const of = (kind: JobKind) => progressOf(kind)(state);
  const opening = of('model') ?? of('runtime');
  const [corpus, check] = [of('corpus'), of('check')];
  const [evaluation, statistics] = [of('evaluation'), of('statistics')];
  if (opening !== null) return { label: 'Loading model', fraction: fractionOf(opening) };
  if (corpus !== null) return { label: 'Reading text', fraction: fractionOf(corpus) };
  const run = activeRun(state);
  if (run !== null && run.phase.kind === 'training') {
    return {
      label: 'Training',
      fraction: run.totalSteps > 0 ? run.step / run.totalSteps : null,
    };
  }
  if (run !== null && run.phase.kind === 'preparing') {
    return { label: 'Preparing the run', fraction: run.phase.done / Math.max(1, run.phase.total) };
  }
  if (check !== null) return { label: 'Checking the model', fraction: fractionOf(check) };
  if (evaluation !== null) return { label: 'Evaluating', fraction: fractionOf(evaluation) };
  if (statistics !== null) return { label: 'Statistics', fraction: fractionOf(statistics) };
  if (isGenerating(state)) {
    return { label: 'Generating', fraction: null };
  }
  return null;
}

function fractionOf(progress: TimedProgress): number | null {
  return progress.total === null || progress.total === 0 ? null : progress.done / progress.total;
}
