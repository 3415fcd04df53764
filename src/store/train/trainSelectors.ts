// Questions about runs: which is shown, which hold the machine, why none can start. Pure.
import type { SaeFacts } from '../../engine/sae/api';
import type { RunFacts } from '../../engine/train/api';
import { engineBlock, modelBlock } from '../model/modelBlock';
import type { AppState } from '../state';
import { saeOfRun } from './trainingPlan';

export function shownRun(state: AppState): RunFacts | null {
  const { runs, shownRunId } = state.train;
  return runs.find((run) => run.runId === shownRunId) ?? null;
}

/** The run in progress, if any. */
export function activeRun(state: AppState): RunFacts | null {
  return (
    state.train.runs.find(({ phase }) => phase.kind === 'training' || phase.kind === 'preparing') ??
    null
  );
}

/** The runs the engine holds in this tab, paused ones too: others cannot start beside them. */
function heldRuns(state: AppState): RunFacts[] {
  const { runs, heldRunIds } = state.train;
  return runs.filter(
    ({ runId, phase }) =>
      heldRunIds.includes(runId) && ['preparing', 'training', 'paused'].includes(phase.kind),
  );
}

/** The first of them. */
export function heldRun(state: AppState): RunFacts | null {
  return heldRuns(state)[0] ?? null;
}

export function isHeld(state: AppState, { runId }: RunFacts): boolean {
  return heldRuns(state).some((run) => run.runId === runId);
}

/** What a run that has ended became, while it is kept. */
export function endedSae(state: AppState, run: RunFacts): SaeFacts | null {
  const hasEnded = run.phase.kind === 'done' || run.phase.kind === 'stopped';
  return hasEnded ? saeOfRun(run, state.sae.list ?? []) : null;
}

/** What the run on screen has just become by ending, unless more is to be trained: its features are next. */
export function newlyTrained(now: AppState, before: AppState): SaeFacts | null {
  const [run, was] = [shownRun(now), shownRun(before)];
  const hasJustEnded =
    run?.phase.kind === 'done' && was?.runId === run.runId && was.phase.kind !== 'done';
  if (!hasJustEnded || heldRun(now) !== null || queuedRuns(now).length > 0) return null;
  return endedSae(now, run);
}

/** Runs that wait for their turn, in their order. */
export function queuedRuns(state: AppState): RunFacts[] {
  return state.train.runs.filter(({ phase }) => phase.kind === 'queued');
}

/** The text that a run needs to go on, as words, when another is open; what comes after "~" decides. */
export function missingCorpus(state: AppState, run: RunFacts): string | null {
  const open = state.text.corpus;
  if (run.source === 'random') return null;
  if (open === null || hashOf(open.id) === hashOf(run.corpusId)) return null;
  return open.isDemo
    ? run.corpusId
    : run.corpusId.startsWith('demo~')
      ? 'the bundled corpus'
      : run.corpusId;
}

function hashOf(id: string): string | undefined {
  return id.split('~').at(-1);
}

/** Why nothing can be trained now, as a sentence; null when Play works. */
export function trainingBlock(state: AppState): string | null {
  const { train, text } = state;
  const noModel = train.form.source === 'random' ? engineBlock(state) : modelBlock(state);
  if (noModel !== null) return noModel;
  const held = heldRun(state);
  if (held !== null) {
    const state = held.phase.kind === 'paused' ? 'paused' : 'training';
    return `A run is ${state}: stop it before another starts.`;
  }
  if (text.opening) return 'Waits for the text to be read.';
  if (train.check.status === 'invalid') {
    const { field, what } = train.check.problem;
    return field === 'corpus' ? what : 'One field needs a change: it is marked above.';
  }
  return null;
}
