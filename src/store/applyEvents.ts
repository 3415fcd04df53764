// Engine events folded into the state: one pure function, one batch at a time, so that a batch costs one
// redraw. What an event tells is written here and nowhere else. Knows no clock and calls nobody.
import type { EngineEvent } from '../engine/api';
import type { JobId, Progress } from '../engine/shared/api';
import type { ModelFacts } from '../engine/model/api';
import type { GeneratedToken } from '../engine/generate/api';
import type { RunFacts, TrainPoint } from '../engine/train/api';
import type { RemoteState } from './model/remoteState';
import type { AppState, TimedProgress } from './state';
import type { TrainState } from './train/trainState';
import type { GenerationRun } from './generate/generationRun';

/** now: milliseconds. Returns a new state; unchanged parts keep their identity. */
export function applyEvents(state: AppState, events: readonly EngineEvent[], now: number) {
  return events.reduce((before, event) => applyEvent(before, event, now), state);
}

function applyEvent(state: AppState, event: EngineEvent, now: number): AppState {
  switch (event.kind) {
    case 'progress':
      return withProgress(state, event.jobId, event.progress, now);
    case 'device':
      return { ...state, device: event.device };
    case 'model':
      return withModel(state, event.model);
    case 'needs':
      return { ...state, model: { ...state.model, needs: event.needs } };
    case 'keptModels': {
      const { models: kept, note: keptNote } = event;
      return { ...state, model: { ...state.model, kept, keptNote } };
    }
    case 'keptActivations':
      return { ...state, activations: { kept: event.kept } };
    case 'corpus':
      return { ...state, text: { ...state.text, corpus: event.corpus } };
    case 'prompt':
      return withGeneration(state, event.generationId, (run) => ({ ...run, prompt: event.tokens }));
    case 'token':
      return withGeneration(state, event.generationId, (run) =>
        withToken(run, event.lane, event.token, now),
      );
    case 'tokenLatents':
      return withGeneration(state, event.generationId, (run) => ({
        ...run,
        latents: [...run.latents, ...event.tokens],
      }));
    case 'generationPaused':
      return withGeneration(state, event.generationId, (run) => ({
        ...run,
        isPaused: event.isPaused,
      }));
    case 'dosePoint':
      return withDosePoint(state, event);
    case 'vectors':
      return { ...state, steer: { ...state.steer, vectors: event.vectors } };
    case 'generated':
      return withGeneration(state, event.generationId, (run) => ({
        ...run,
        running: false,
        isPaused: false,
        reason: event.reason,
        automation: event.automation,
        updatedAt: now,
      }));
    case 'run':
      return { ...state, train: withRun(state.train, event.run) };
    case 'points':
      return withPoints(state, event.runId, event.points);
    case 'saes':
      return { ...state, sae: { ...state.sae, list: event.saes } };
    case 'evaluation':
      return {
        ...state,
        evaluate: {
          ...state.evaluate,
          rows: { ...state.evaluate.rows, [event.row.saeId]: event.row },
        },
      };
    case 'downloads':
      // The engine reports when a download ended, successfully or not; opening the files is the model's
      // progress.
      return withRemote(state, { downloads: event.downloads, downloading: null });
    case 'elsewhere':
      // The page asks for what changed: appStore.ts.
      return state;
    case 'notice':
      return { ...state, shell: { ...state.shell, notice: event.text } };
    case 'unreadable':
      return { ...state, unreadable: event.records };
    case 'problem':
      return { ...state, shell: { ...state.shell, banner: event.problem } };
    default:
      return event satisfies never;
  }
}

function withProgress(
  state: AppState,
  jobId: JobId,
  progress: Progress | null,
  now: number,
): AppState {
  const { [jobId]: before, ...others } = state.progress;
  if (progress === null) return { ...state, progress: others };
  return { ...state, progress: { ...others, [jobId]: timed(before, progress, now) } };
}

function timed(before: TimedProgress | undefined, progress: Progress, now: number): TimedProgress {
  const goesOn = before?.phase === progress.phase && before.done <= progress.done;
  return {
    ...progress,
    startedAt: goesOn ? before.startedAt : now,
    firstDone: goesOn ? before.firstDone : progress.done,
    updatedAt: now,
  };
}

/** A conversation holds token ids, and its mode depends on the checkpoint, so another model starts a new
 *  one. */
function withModel(state: AppState, model: ModelFacts | null): AppState {
  const next = { ...state, model: { ...state.model, open: model } };
  if (model?.id === state.model.open?.id) return next;
  const chat = { ...state.generate.chat, exchanges: [], chosenMode: null };
  return { ...next, generate: { ...state.generate, chat } };
}

function withRemote(state: AppState, change: Partial<RemoteState>): AppState {
  const { model } = state;
  return { ...state, model: { ...model, remote: { ...model.remote, ...change } } };
}

/** Points of a cancelled question are dropped. */
function withDosePoint(
  state: AppState,
  { point, done, total }: Extract<EngineEvent, { kind: 'dosePoint' }>,
): AppState {
  const { dose } = state.steer;
  if (dose?.running !== true) return state;
  const points = [...dose.points, point].sort((a, b) => a.value - b.value);
  return { ...state, steer: { ...state.steer, dose: { ...dose, points, done, total } } };
}

/** Eight places generate; the id says whose text this is. A stale id is ignored. */
function withGeneration(
  state: AppState,
  generationId: number,
  change: (run: GenerationRun) => GenerationRun,
): AppState {
  const { generate, steer, start, share } = state;
  if (generate.run?.generationId === generationId) {
    return { ...state, generate: { ...generate, run: change(generate.run) } };
  }
  if (steer.run?.generationId === generationId) {
    return { ...state, steer: { ...steer, run: change(steer.run) } };
  }
  const { reading } = steer;
  if (reading.run?.generationId === generationId) {
    return { ...state, steer: { ...steer, reading: { ...reading, run: change(reading.run) } } };
  }
  if (start.writing?.generationId === generationId) {
    return { ...state, start: { ...start, writing: change(start.writing) } };
  }
  if (share.run?.generationId === generationId) {
    return { ...state, share: { ...share, run: change(share.run) } };
  }
  const { turned } = start;
  if (turned?.run?.generationId === generationId) {
    return { ...state, start: { ...start, turned: { ...turned, run: change(turned.run) } } };
  }
  const { explore } = state;
  if (explore.turned?.run?.generationId === generationId) {
    const turned = { ...explore.turned, run: change(explore.turned.run) };
    return { ...state, explore: { ...explore, turned } };
  }
  const { chat } = generate;
  const last = chat.exchanges.at(-1);
  if (last?.run.generationId === generationId) {
    const exchanges = [...chat.exchanges.slice(0, -1), { ...last, run: change(last.run) }];
    return { ...state, generate: { ...generate, chat: { ...chat, exchanges } } };
  }
  return state;
}

function withToken(
  run: GenerationRun,
  lane: 'baseline' | 'steered',
  token: GeneratedToken,
  now: number,
): GenerationRun {
  return {
    ...run,
    updatedAt: now,
    lanes: { ...run.lanes, [lane]: [...run.lanes[lane], token] },
  };
}

/** The first run that goes on is shown, and held: the engine took it up in this tab. */
function withRun(train: TrainState, run: RunFacts): TrainState {
  const { runs, shownRunId, heldRunIds } = train;
  const isKnown = runs.some((known) => known.runId === run.runId);
  const isLive = run.phase.kind === 'training' || run.phase.kind === 'preparing';
  const isNewlyHeld = isLive && !heldRunIds.includes(run.runId);
  return {
    ...train,
    runs: isKnown ? runs.map((known) => (known.runId === run.runId ? run : known)) : [run, ...runs],
    shownRunId: shownRunId ?? (isLive ? run.runId : null),
    heldRunIds: isNewlyHeld ? [...heldRunIds, run.runId] : heldRunIds,
  };
}

/** A resumed run may report steps again: the newer points replace the older ones from there on. */
function withPoints(state: AppState, runId: string, points: TrainPoint[]): AppState {
  const first = points[0];
  if (first === undefined) return state;
  const before = state.train.points[runId] ?? [];
  const last = before.at(-1);
  const kept =
    last === undefined || last.step < first.step
      ? before
      : before.filter((point) => point.step < first.step);
  return {
    ...state,
    train: {
      ...state.train,
      points: { ...state.train.points, [runId]: [...kept, ...points] },
    },
  };
}
