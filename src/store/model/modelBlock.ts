// Why whatever needs a model has none, as a sentence; null where nothing is in the way. Pure.
import type { AppState } from '../state';

/** Of what waits for a model by itself. */
export function engineBlock({ shell }: AppState): string | null {
  return shell.engine.kind === 'failed' ? 'The engine did not start: reload the page.' : null;
}

/** Of what needs one that is open. */
export function modelBlock(state: AppState): string | null {
  const { open, opening } = state.model;
  if (open !== null) return null;
  return engineBlock(state) ?? (opening ? 'Waits for the model to load.' : 'Open a model first.');
}
