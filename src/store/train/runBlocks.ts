// What keeps a stored run from going on and a queue from being played, in words for the button that is off.
import type { RunFacts } from '../../engine/train/api';
import type { AppFacts } from '../facts';
import { heldRun, isHeld, missingCorpus, queuedRuns } from '../selectors';

/** Why the run cannot go on now, in words; null: it can. */
export function resumeBlock(facts: AppFacts, run: RunFacts): string | null {
  if (run.source === 'model') {
    const open = facts.model.facts;
    if (open === null) return 'Waits for the model';
    if (open.id !== run.modelId) return `Needs its model, ${run.modelId}`;
  }
  const text = missingCorpus(facts, run);
  if (text !== null) return `Needs its text: open ${text} again`;
  if ((facts.device?.problem ?? null) !== null) return 'Needs WebGPU';
  if (heldRun(facts) !== null && !isHeld(facts, run)) return 'Another run is open: stop it first';
  return null;
}

/** Why the queue cannot be played now, in words; null: it can. */
export function queueBlock(facts: AppFacts): string | null {
  if (heldRun(facts) !== null) return 'A run is open: stop it first, or let it end.';
  const needsModel = queuedRuns(facts)[0]?.source === 'model';
  if (needsModel && facts.model.facts === null) return 'Waits for the model.';
  return facts.training.budgetBytes > 0 ? null : 'Type how much memory may be used.';
}
