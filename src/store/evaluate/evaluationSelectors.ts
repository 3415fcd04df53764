// Questions that the Evaluate screen asks of the state. Pure.
import { EVALUATION_BUDGETS } from '../../core/evaluate/evaluation';
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { SaeFacts } from '../../engine/sae/api';
import { modelBlock } from '../model/modelBlock';
import type { AppState } from '../state';

/** Ticked SAEs: the chosen ones that still exist, or all if none was chosen. */
export function chosenSaes(state: AppState): SaeFacts[] {
  const { chosenIds } = state.evaluate;
  return (state.sae.list ?? []).filter(
    ({ saeId }) => chosenIds === null || chosenIds.includes(saeId),
  );
}

/** Counted tokens per SAE: the chosen number; otherwise the reference, or the quick budget if the model runs
 *  on the processor (three forward passes of 131,072 tokens take minutes there). */
export function evaluationTokens(state: AppState): number {
  const isSlow = state.device === null || state.device.modelBackend === 'wasm';
  return state.evaluate.tokens ?? (isSlow ? EVALUATION_BUDGETS[0] : EVALUATION_BUDGETS[2]);
}

/** Why nothing can be evaluated now, as a sentence; null if Evaluate works. */
export function evaluationBlock(state: AppState): string | null {
  const { evaluate } = state;
  const noModel = modelBlock(state);
  if (noModel !== null) return noModel;
  if (state.text.opening) return 'Waits for the text to be read.';
  if (chosenSaes(state).length === 0) return 'Tick at least one SAE.';
  if (evaluate.probing === 'file' && evaluate.probingFile === null) {
    return 'Choose the labelled file, or another probing.';
  }
  return null;
}

/** What has been measured so far, in the order of the list. */
export function evaluations(state: AppState): SaeEvaluation[] {
  const rows = state.evaluate.rows ?? {};
  return (state.sae.list ?? []).flatMap(({ saeId }) => rows[saeId]?.evaluation ?? []);
}
