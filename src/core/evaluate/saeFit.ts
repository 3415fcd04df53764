// How well an SAE reconstructs a model that is open: enough of a measure to tell an SAE of another model.

/** Counted tokens that are read for it: a second or so, and an explained variance good to a few hundredths. */
export const FIT_TOKENS = 2048;

/** Below this the SAE explains hardly more than the mean activation does. The demo's explains 0.79 of its model and
 *  −0.11 of one whose stream has another basis. Another layer of its own model, which shares the basis, is not told
 *  apart by this: 0.31 at layer 0 instead of 2. */
const LOW_FIT = 0.3;

export type SaeFit = {
  saeId: string;
  /** ModelFacts.id */
  modelId: string;
  /** counted held-out tokens */
  tokens: number;
  /** 1 − fvu; negative where the SAE is worse than the mean activation */
  explainedVariance: number;
  corpus: string;
};

export function isLowFit({ explainedVariance }: Pick<SaeFit, 'explainedVariance'>): boolean {
  return !(explainedVariance >= LOW_FIT);
}
