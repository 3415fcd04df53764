// The sizes of a run on which defaults and bounds depend. Pure.

/** Sizes that an architecture's defaults and bounds depend on. */
export type RunShape = { d_in: number; d_sae: number; batchSize: number; tokens: number };

/** Whole steps in the budget, at least one. */
export function stepsOf({ tokens, batchSize }: RunShape): number {
  return Math.max(1, Math.floor(tokens / batchSize));
}
