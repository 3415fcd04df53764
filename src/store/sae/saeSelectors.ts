// Questions about the SAEs of this browser. Pure.
import type { SaeFacts } from '../../engine/sae/api';
import type { AppState } from '../state';

export function saeOf({ sae }: Pick<AppState, 'sae'>, saeId: string | null): SaeFacts | null {
  return sae.list?.find((listed) => listed.saeId === saeId) ?? null;
}

/** The one that Explore looks at. */
export function selectedSae(state: AppState): SaeFacts | null {
  return saeOf(state, state.sae.selectedId);
}
