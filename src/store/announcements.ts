// What a screen reader hears when something long ends or changes. Pure: two states in, a sentence out.
import type { AppFacts } from './facts';
import type { GenerationRun } from './generate/textFacts';

/** null when nothing worth saying happened between the two. */
export function announcementBetween(before: AppFacts, after: AppFacts): string | null {
  return (
    modelMessage(before, after) ??
    runMessage(before, after) ??
    textMessage(before.generation.run, after.generation.run) ??
    textMessage(before.steer.run, after.steer.run) ??
    textMessage(lastReply(before), lastReply(after))
  );
}

function modelMessage(before: AppFacts, after: AppFacts): string | null {
  const model = after.model.facts;
  return model !== null && model !== before.model.facts ? `Model ${model.name} is ready.` : null;
}

function runMessage(before: AppFacts, after: AppFacts): string | null {
  if (before.training.runs === after.training.runs) return null;
  for (const run of after.training.runs) {
    const known = before.training.runs.find((other) => other.runId === run.runId);
    if (known === undefined || known.phase.kind === run.phase.kind) continue;
    switch (run.phase.kind) {
      case 'queued':
        return 'A run waits in the queue.';
      case 'preparing':
        return 'Training is being prepared.';
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
  return `Text ended after ${lane.length} tokens.`;
}

function lastReply({ chat }: AppFacts): GenerationRun | null {
  return chat.exchanges.at(-1)?.run ?? null;
}
