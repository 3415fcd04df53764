// Questions about the SAEs of this browser. Pure.
import type { SaeFit } from '../../core/evaluate/saeFit';
import type { SaeFacts } from '../../engine/sae/api';
import { showsRows } from '../model/openRows';
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

/** Whether the open model has the SAE's hook point, with its width; rows of a file may be of any place. */
export function isOfOpenShape({ model }: Pick<AppState, 'model'>, sae: SaeFacts): boolean {
  const { open } = model;
  const isPlace = open?.rows !== undefined || open?.hookPoints.includes(sae.hookPoint) === true;
  return open?.n_embd === sae.d_in && isPlace;
}

/** What was measured of the SAE on the open model; null: nothing, in this visit. */
export function fitOf(state: AppState, saeId: string): SaeFit | null {
  const modelId = state.model.open?.id;
  const { known } = state.sae.fit;
  return known.find((fit) => fit.saeId === saeId && fit.modelId === modelId) ?? null;
}

/** What the statistics of the SAE in Explore counted. */
export function statisticsUnit(state: AppState): 'token' | 'row' {
  return showsRows(state, selectedSae(state)) ? 'row' : 'token';
}
