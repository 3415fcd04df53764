// Questions about what is open in a model's place. Pure.
import type { ModelFacts, RowsFacts } from '../../engine/model/api';
import type { SaeFacts } from '../../engine/sae/api';
import type { AppState } from '../state';

/** The rows of a file that are open; null: a model, or nothing. */
export function openRows({ model }: Pick<AppState, 'model'>): RowsFacts | null {
  return model.open?.rows ?? null;
}

/** The open model; null: none, or rows of a file, with which nothing can be written or predicted. */
export function languageModel({ model }: Pick<AppState, 'model'>): ModelFacts | null {
  return model.open?.rows === undefined ? model.open : null;
}

/** Whether what an SAE's examples show are the open rows, not tokens of a text. */
export function showsRows({ model }: Pick<AppState, 'model'>, sae: SaeFacts | null): boolean {
  const { open } = model;
  if (open?.rows === undefined || sae === null) return false;
  return sae.statisticsCorpus?.name === open.name && sae.statisticsTokens <= open.rows.count;
}

/** What a text is read by: rows of a file stand in the places of tokens. */
export function openUnit(state: Pick<AppState, 'model'>): 'token' | 'row' {
  return openRows(state) === null ? 'token' : 'row';
}
