// Questions that the Evaluate screen asks of the facts. Pure.
import { EVALUATION_BUDGETS } from '../../core/evaluate/evaluation';
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import type { SaeFacts } from '../../engine/sae/api';
import type { AppFacts } from '../facts';

/** SAEs with a check mark: the chosen ones that still exist, or all while nothing was chosen. */
export function chosenSaes(facts: AppFacts): SaeFacts[] {
  const { chosenIds } = facts.evaluate;
  return (facts.saes.list ?? []).filter(
    ({ saeId }) => chosenIds === null || chosenIds.includes(saeId),
  );
}

/** Counted tokens per SAE: what was chosen; else the reference, or the quick budget where the model runs
 *  on the processor (three forward passes of 131,072 tokens take minutes there). */
export function evaluationTokens(facts: AppFacts): number {
  const isSlow = facts.device === null || facts.device.modelBackend === 'wasm';
  return facts.evaluate.tokens ?? (isSlow ? EVALUATION_BUDGETS[0] : EVALUATION_BUDGETS[2]);
}

/** Why nothing can be evaluated now, as a sentence; null when Evaluate works. */
export function evaluationBlock(facts: AppFacts): string | null {
  const { device, model, evaluate } = facts;
  if (device !== null && device.problem !== null) {
    return 'Evaluating needs WebGPU, which is missing here; stored results are shown.';
  }
  if (model.facts === null) {
    return model.opening ? 'Waits for the model to load.' : 'Open a model first, on Model.';
  }
  if (facts.corpus.opening) return 'Waits for the text to be read.';
  if (chosenSaes(facts).length === 0) return 'Tick at least one SAE.';
  if (evaluate.probing === 'file' && evaluate.probingFile === null) {
    return 'Choose the labelled file, or another probing.';
  }
  return null;
}

/** What has been measured so far, in the order of the list. */
export function evaluations(facts: AppFacts): SaeEvaluation[] {
  const rows = facts.evaluate.rows ?? {};
  return (facts.saes.list ?? []).flatMap(({ saeId }) => rows[saeId]?.evaluation ?? []);
}
