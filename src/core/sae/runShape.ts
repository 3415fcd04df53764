// The sizes of a run that defaults and bounds of its recipe depend on. Pure.

/** Sizes that an architecture's defaults and bounds depend on. */
export type RunShape = { d_in: number; d_sae: number; batchSize: number; tokens: number };

/** Whole steps that the budget allows, at least one. */
export function stepsOf({ tokens, batchSize }: RunShape): number {
  return Math.max(1, Math.floor(tokens / batchSize));
}
