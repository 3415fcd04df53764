// What a screen reader hears when something long ends or changes. Pure: two states in, a sentence out.
import { counted } from '../core/text/counted';
import type { AppState } from './state';
import type { GenerationRun } from './generate/generationRun';

/** null if nothing worth announcing happened between the two. */
export function announcementBetween(before: AppState, after: AppState): string | null {
  return (
    modelMessage(before, after) ??
    runMessage(before, after) ??
    textMessage(before.generate.run, after.generate.run) ??
    textMessage(before.steer.run, after.steer.run) ??
    textMessage(lastReply(before), lastReply(after))
  );
}

function modelMessage(before: AppState, after: AppState): string | null {
  const model = after.model.open;
  if (model === null || model === before.model.open) return null;
  return model.rows === undefined ? `Model ${model.name} is ready.` : `The ${model.name} are open.`;
}

function runMessage(before: AppState, after: AppState): string | null {
  if (before.train.runs === after.train.runs) return null;
  for (const run of after.train.runs) {
    const known = before.train.runs.find((other) => other.runId === run.runId);
    if (known === undefined || known.phase.kind === run.phase.kind) continue;
    switch (run.phase.kind) {
      case 'queued':
        return 'A run is queued.';
      case 'notBegun':
        return null; // it was so before this visit
      case 'preparing':
        return `${run.phase.what}.`;
      case 'training':
        return 'Training runs.';
      case 'paused':
        return `Training is paused at step ${run.step}.`;
      case 'done':
        return 'Training is done.';
      case 'stopped':
        return `Training is stopped at step ${run.step}.`;
      case 'failed':
        return null; // errors speak for themselves, assertively
      default:
        return run.phase satisfies never;
    }
  }
  return null;
}

function textMessage(before: GenerationRun | null, after: GenerationRun | null): string | null {
  if (before === null || after === null || before.generationId !== after.generationId) return null;
  if (!before.running || after.running) return null;
  const lane = after.lanes.steered.length > 0 ? after.lanes.steered : after.lanes.baseline;
  return `Text ended after ${counted(lane.length, 'token')}.`;
}

function lastReply({ generate: { chat } }: AppState): GenerationRun | null {
  return chat.exchanges.at(-1)?.run ?? null;
}
