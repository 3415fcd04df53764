// Engine events folded into the facts: one pure function, one batch at a time, so that a batch costs
// one redraw. Knows no clock and calls nobody.
import type { EngineEvent } from '../engine/api';
import type { JobId, Progress } from '../engine/shared/api';
import type { ModelFacts } from '../engine/model/api';
import type { GeneratedToken } from '../engine/generate/api';
import type { RunFacts, TrainPoint } from '../engine/train/api';
import type { AppFacts, TimedProgress } from './facts';
import type { GenerationRun } from './generate/textFacts';

/** now: milliseconds. Returns new facts; unchanged slices keep their identity. */
export function applyEvents(facts: AppFacts, events: readonly EngineEvent[], now: number) {
  return events.reduce((state, event) => applyEvent(state, event, now), facts);
}

function applyEvent(facts: AppFacts, event: EngineEvent, now: number): AppFacts {
  switch (event.kind) {
    case 'progress':
      return withProgress(facts, event.jobId, event.progress, now);
    case 'device':
      return { ...facts, device: event.device };
    case 'model':
      return withModel(facts, event.model);
    case 'needs':
      return { ...facts, model: { ...facts.model, needs: event.needs } };
    case 'keptModels': {
      const { models: kept, note: keptNote } = event;
      return { ...facts, model: { ...facts.model, kept, keptNote } };
    }
    case 'corpus':
      return { ...facts, corpus: { ...facts.corpus, facts: event.corpus } };
    case 'prompt':
      return withGeneration(facts, event.generationId, (run) => ({ ...run, prompt: event.tokens }));
    case 'token':
      return withGeneration(facts, event.generationId, (run) =>
        withToken(run, event.lane, event.token, now),
      );
    case 'tokenLatents':
      return withGeneration(facts, event.generationId, (run) => ({
        ...run,
        latents: [...run.latents, ...event.tokens],
      }));
    case 'generationPaused':
      return withGeneration(facts, event.generationId, (run) => ({
        ...run,
        isPaused: event.isPaused,
      }));
    case 'dosePoint':
      return withDosePoint(facts, event);
    case 'vectors':
      return { ...facts, steer: { ...facts.steer, vectors: event.vectors } };
    case 'generated':
      return withGeneration(facts, event.generationId, (run) => ({
        ...run,
        running: false,
        isPaused: false,
        reason: event.reason,
        automation: event.automation,
        updatedAt: now,
      }));
    case 'run':
      return { ...facts, training: { ...facts.training, ...withRun(facts, event.run) } };
    case 'points':
      return withPoints(facts, event.runId, event.points);
    case 'saes':
      return { ...facts, saes: { ...facts.saes, list: event.saes } };
    case 'evaluation':
      return {
        ...facts,
        evaluate: {
          ...facts.evaluate,
          rows: { ...facts.evaluate.rows, [event.row.saeId]: event.row },
        },
      };
    case 'downloads':
      // The engine tells them when a download ended, either way; opening what came is the model's progress.
      return {
        ...facts,
        remote: { ...facts.remote, downloads: event.downloads, downloading: null },
      };
    case 'notice':
      return { ...facts, shell: { ...facts.shell, notice: event.text } };
    case 'problem':
      return { ...facts, shell: { ...facts.shell, banner: event.problem } };
    default:
      return event satisfies never;
  }
}

function withProgress(
  facts: AppFacts,
  jobId: JobId,
  progress: Progress | null,
  now: number,
): AppFacts {
  const { [jobId]: before, ...others } = facts.progress;
  if (progress === null) return { ...facts, progress: others };
  return { ...facts, progress: { ...others, [jobId]: timed(before, progress, now) } };
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

/** A conversation holds token ids, and the way it is led is the checkpoint's: another model starts anew. */
function withModel(facts: AppFacts, model: ModelFacts | null): AppFacts {
  const isSame = model?.id === facts.model.facts?.id;
  const chat = isSame ? facts.chat : { ...facts.chat, exchanges: [], chosenMode: null };
  return { ...facts, chat, model: { ...facts.model, facts: model } };
}

/** A cancelled question has nobody who waits for its points. */
function withDosePoint(
  facts: AppFacts,
  { point, done, total }: Extract<EngineEvent, { kind: 'dosePoint' }>,
): AppFacts {
  const { dose } = facts.steer;
  if (dose?.running !== true) return facts;
  const points = [...dose.points, point].sort((a, b) => a.value - b.value);
  return { ...facts, steer: { ...facts.steer, dose: { ...dose, points, done, total } } };
}

/** Four places generate; the id says whose text this is. A stale id changes nothing. */
function withGeneration(
  facts: AppFacts,
  generationId: number,
  change: (run: GenerationRun) => GenerationRun,
): AppFacts {
  const { generation, steer, chat } = facts;
  if (generation.run?.generationId === generationId) {
    return { ...facts, generation: { ...generation, run: change(generation.run) } };
  }
  if (steer.run?.generationId === generationId) {
    return { ...facts, steer: { ...steer, run: change(steer.run) } };
  }
  const { reading } = steer;
  if (reading.run?.generationId === generationId) {
    return { ...facts, steer: { ...steer, reading: { ...reading, run: change(reading.run) } } };
  }
  const last = chat.exchanges.at(-1);
  if (last?.run.generationId === generationId) {
    const exchanges = [...chat.exchanges.slice(0, -1), { ...last, run: change(last.run) }];
    return { ...facts, chat: { ...chat, exchanges } };
  }
  return facts;
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

function withRun(facts: AppFacts, run: RunFacts) {
  const { runs, shownRunId, heldRunIds } = facts.training;
  const isKnown = runs.some((known) => known.runId === run.runId);
  const live = run.phase.kind === 'training' || run.phase.kind === 'preparing';
  return {
    runs: isKnown ? runs.map((known) => (known.runId === run.runId ? run : known)) : [run, ...runs],
    shownRunId: shownRunId ?? (live ? run.runId : null),
    heldRunIds: live && !heldRunIds.includes(run.runId) ? [...heldRunIds, run.runId] : heldRunIds,
  };
}

/** A resumed run may tell steps again: the newer telling replaces the older from there on. */
function withPoints(facts: AppFacts, runId: string, points: TrainPoint[]): AppFacts {
  const first = points[0];
  if (first === undefined) return facts;
  const before = facts.training.points[runId] ?? [];
  const last = before.at(-1);
  const kept =
    last === undefined || last.step < first.step
      ? before
      : before.filter((point) => point.step < first.step);
  return {
    ...facts,
    training: {
      ...facts.training,
      points: { ...facts.training.points, [runId]: [...kept, ...points] },
    },
  };
}
