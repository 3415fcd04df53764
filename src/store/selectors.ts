// Questions that several components ask of the facts. Pure; nothing is remembered here.
import type { SaeFacts } from '../engine/sae/api';
import type { JobKind } from '../engine/shared/api';
import type { RunFacts } from '../engine/train/api';
import type { ExampleToken } from '../engine/statistics/api';
import type { AppFacts, TimedProgress } from './facts';
import type { NextTokens } from './explore/probeFacts';
import type { GenerationMode } from './generate/textFacts';

export function shownRun(facts: AppFacts): RunFacts | null {
  const { runs, shownRunId } = facts.training;
  return runs.find((run) => run.runId === shownRunId) ?? null;
}

/** The run that holds the GPU, if any. */
export function activeRun(facts: AppFacts): RunFacts | null {
  return (
    facts.training.runs.find(
      ({ phase }) => phase.kind === 'training' || phase.kind === 'preparing',
    ) ?? null
  );
}

/** The runs the engine holds in this tab, paused ones too: others cannot start beside them. */
function heldRuns(facts: AppFacts): RunFacts[] {
  const { runs, heldRunIds } = facts.training;
  return runs.filter(
    ({ runId, phase }) =>
      heldRunIds.includes(runId) && ['preparing', 'training', 'paused'].includes(phase.kind),
  );
}

/** The first of them. */
export function heldRun(facts: AppFacts): RunFacts | null {
  return heldRuns(facts)[0] ?? null;
}

export function isHeld(facts: AppFacts, { runId }: RunFacts): boolean {
  return heldRuns(facts).some((run) => run.runId === runId);
}

/** Runs that wait for their turn, in their order. */
export function queuedRuns(facts: AppFacts): RunFacts[] {
  return facts.training.runs.filter(({ phase }) => phase.kind === 'queued');
}

export function selectedSae(facts: AppFacts): SaeFacts | null {
  const { list, selectedId } = facts.saes;
  return list?.find((sae) => sae.saeId === selectedId) ?? null;
}

/** The text that a run needs to go on, as words, when another is open; what comes after "~" decides. */
export function missingCorpus(facts: AppFacts, run: RunFacts): string | null {
  const open = facts.corpus.facts;
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
export function trainingBlock(facts: AppFacts): string | null {
  const { device, model, training, corpus } = facts;
  if (device !== null && device.problem !== null) {
    return 'Training needs WebGPU, which is missing here.';
  }
  if (model.facts === null && training.form.source !== 'random') {
    return model.opening ? 'Waits for the model to load.' : 'Open a model first, on Model.';
  }
  const held = heldRun(facts);
  if (held !== null) {
    const state = held.phase.kind === 'paused' ? 'paused' : 'training';
    return `A run is ${state}: stop it before another starts.`;
  }
  if (corpus.opening) return 'Waits for the text to be read.';
  if (training.check.status === 'invalid') return 'One field needs a change: it is marked above.';
  return null;
}

/** Why no text can be generated now; null when Generate works. */
export function generationBlock(facts: AppFacts): string | null {
  if (facts.model.facts !== null) return null;
  return facts.model.opening ? 'Waits for the model to load.' : 'Open a model first.';
}

/** Whether a text is being made anywhere: the engine has one decoder. */
export function isGenerating({ generation, steer, chat }: AppFacts): boolean {
  const runs = [generation.run, steer.run, steer.reading.run, chat.exchanges.at(-1)?.run];
  return runs.some((run) => run?.running === true);
}

/** How the Model screen makes text: as chosen, or as the checkpoint suggests. */
export function generationMode({ chat, model }: AppFacts): GenerationMode {
  return chat.chosenMode ?? (model.facts?.stage.isChat === true ? 'chat' : 'completion');
}

/** How far the newest work of a kind is; null while there is none. */
export function progressOf(kind: JobKind) {
  return ({ progress }: Pick<AppFacts, 'progress'>): TimedProgress | null =>
    Object.values(progress).findLast((one) => one.kind === kind) ?? null;
}

export type JobLine = { label: string; fraction: number | null };

/** The one long thing going on, for the status bar: loading, training, counting, generating. */
export function currentJob(facts: AppFacts): JobLine | null {
  const of = (kind: JobKind) => progressOf(kind)(facts);
  const opening = of('model') ?? of('runtime');
  const [corpus, check] = [of('corpus'), of('check')];
  const [evaluation, statistics] = [of('evaluation'), of('statistics')];
  if (opening !== null) return { label: 'Loading model', fraction: fractionOf(opening) };
  if (corpus !== null) return { label: 'Reading text', fraction: fractionOf(corpus) };
  const run = activeRun(facts);
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
  if (isGenerating(facts)) {
    return { label: 'Generating', fraction: null };
  }
  return null;
}

function fractionOf(progress: TimedProgress): number | null {
  return progress.total === null || progress.total === 0 ? null : progress.done / progress.total;
}

/** Number of each latent's cluster; null while unknown. */
export function readyClusters({ explore }: Pick<AppFacts, 'explore'>): Uint8Array | null {
  return explore.clusters.status === 'ready' ? explore.clusters.value : null;
}

/** Whether it is known at which step of training latents were born. */
export function hasBirths(facts: Pick<AppFacts, 'explore'>): boolean {
  return birthSteps(facts) !== null;
}

/** Birth step of each latent; null while unknown. */
export function birthSteps({
  explore: { births },
}: Pick<AppFacts, 'explore'>): readonly (number | null)[] | null {
  return births?.steps.status === 'ready' ? births.steps.value : null;
}

/** What the open model made of the tokens that follow in this text; null: not asked. */
export function nextTokensOf(
  { probe, model }: Pick<AppFacts, 'probe' | 'model'>,
  source: readonly ExampleToken[],
): NextTokens | null {
  const { next } = probe;
  return next?.source === source && next.model === model.facts ? next : null;
}
