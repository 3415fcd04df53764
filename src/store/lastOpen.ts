// What was open when the page was left, to open it again: the SAE, and a model of one's own.
import { findSae } from '../core/sae/findSae';
import { parseShareState } from '../core/share/shareState';
import type { SaeFacts } from '../engine/sae/api';
import type { Environment } from './environment';
import type { AppState } from './state';

const SAE = 'open-sae';
const MODEL = 'open-model';

/** After every change of the state. */
export function rememberOpen(env: Environment, now: AppState, before: AppState): void {
  const { selectedId } = now.sae;
  if (selectedId !== null && selectedId !== before.sae.selectedId)
    env.writeSetting(SAE, selectedId);
  const { open } = now.model;
  if (open !== null && open.id !== before.model.open?.id) {
    // The demo is opened anyway.
    env.writeSetting(MODEL, open.isDemo ? '' : open.id);
  }
}

/** null: none, or it is here no more. */
export function lastOpenSae(env: Environment, saes: readonly SaeFacts[]): SaeFacts | null {
  const id = env.readSetting(SAE);
  return id === null ? null : findSae(saes, id);
}

/** The one that the link names, otherwise the one that was open when the page was left; null: the demo. */
export function modelToOpen(env: Environment): string | null {
  const { model } = parseShareState(env.readHash());
  if (model !== null) return model === 'demo' ? null : model;
  return env.readSetting(MODEL) || null;
}
