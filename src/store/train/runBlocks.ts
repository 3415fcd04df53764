// What keeps a stored run from going on and a queue from being played, in words for the button that is off.
import { isOfModel } from '../../core/model/modelId';
import type { RunFacts } from '../../engine/train/api';
import type { AppState } from '../state';
import { heldRun, isHeld, missingCorpus, queuedRuns } from './trainSelectors';

/** Why the run cannot go on now, in words; null: it can. */
export function resumeBlock(state: AppState, run: RunFacts): string | null {
  if (run.source === 'model') {
    const open = state.model.open;
    if (open === null) return 'Waits for the model';
    if (!isOfModel(run, open)) return `Needs its model, ${run.modelId}`;
  }
  const text = missingCorpus(state, run);
  if (text !== null) return `Needs its text: open ${text} again`;
  if (heldRun(state) !== null && !isHeld(state, run)) return 'Another run is open: stop it first';
  return null;
}

/** Why the queue cannot be played now, in words; null: it can. */
export function queueBlock(state: AppState): string | null {
  if (heldRun(state) !== null) return 'A run is open: stop it first, or let it end.';
  const needsModel = queuedRuns(state)[0]?.source === 'model';
  if (needsModel && state.model.open === null) return 'Waits for the model.';
  return state.train.budgetBytes > 0 ? null : 'Type how much memory may be used.';
}
