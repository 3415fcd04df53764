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

/** Those that fit the open model, as far as one can tell; all of them while none is open. */
export function saesOfModel({ sae, model }: Pick<AppState, 'sae' | 'model'>): SaeFacts[] {
  const modelId = model.open?.id ?? null;
  return (sae.list ?? []).filter(
    (listed) => modelId === null || listed.modelId === null || listed.modelId === modelId,
  );
}
