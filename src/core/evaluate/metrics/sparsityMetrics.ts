// How sparse an SAE's code is and how often each latent fires (sae.md §10), as integer sums that grow by
// batches and can be merged. It knows codes only, no model activations.
import { invariant, ShapeError } from '../../errors';
import type { SparseCode } from '../../sae/sae';
import { densityHistogram, type DensityHistogram } from './densityHistogram';

export type SparsitySums = {
  tokens: number;
  /** Σ and Σ² of active latents per token */
  active: number;
  activeSquared: number;
  /** Σ f over tokens and latents */
  actSum: number;
  /** [d_sae], tokens on which each latent fires */
  fireCount: Float64Array;
};

export type SparsityMetrics = {
  /** mean and standard deviation (over tokens, n in the denominator) of active latents */
  l0: number;
  l0Std: number;
  /** mean Σ f per token, model units */
  l1: number;
  /** share of latents silent on all counted tokens; its window is that number */
  deadFractionEval: number;
  /** share of latents that fire on more than 1 % and 10 % of the tokens */
  denseOver1Percent: number;
  denseOver10Percent: number;
  density: DensityHistogram;
};

export function makeSparsitySums(d_sae: number): SparsitySums {
  return { tokens: 0, active: 0, activeSquared: 0, actSum: 0, fireCount: new Float64Array(d_sae) };
}

/** Adds the code of n tokens in place. A slot kept with activation 0 did not fire (sae.md §2).
 *  Throws ShapeError if the code does not have n tokens. */
export function addSparsity(sums: SparsitySums, code: SparseCode, n: number): void {
  if (code.latentIndices.length !== n * code.k) {
    throw new ShapeError(
      `code of ${code.latentIndices.length} slots, expected ${n * code.k} for ${n} tokens`,
    );
  }
  for (let token = 0; token < n; token++) {
    let active = 0;
    for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
      const act = code.latentActs[slot]!;
      if (!(act > 0)) continue;
      active++;
      sums.actSum += act;
      sums.fireCount[code.latentIndices[slot]!]!++;
    }
    sums.active += active;
    sums.activeSquared += active * active;
  }
  sums.tokens += n;
}

export function mergeSparsity(into: SparsitySums, from: SparsitySums): void {
  into.tokens += from.tokens;
  into.active += from.active;
  into.activeSquared += from.activeSquared;
  into.actSum += from.actSum;
  from.fireCount.forEach((fires, latent) => (into.fireCount[latent]! += fires));
}

export function finishSparsity(sums: SparsitySums): SparsityMetrics {
  const { tokens, active, activeSquared, fireCount } = sums;
  invariant(tokens > 0, 'metrics of no token');
  const share = (holds: (fires: number) => boolean) =>
    fireCount.reduce((count, fires) => count + Number(holds(fires)), 0) / fireCount.length;
  // Whole numbers: N·Σa² − (Σa)² is exact as long as it stays below 2^53.
  const spread = Math.max(0, tokens * activeSquared - active * active);
  return {
    l0: active / tokens,
    l0Std: Math.sqrt(spread) / tokens,
    l1: sums.actSum / tokens,
    deadFractionEval: share((fires) => fires === 0),
    denseOver1Percent: share((fires) => fires > 0.01 * tokens),
    denseOver10Percent: share((fires) => fires > 0.1 * tokens),
    density: densityHistogram(fireCount, tokens),
  };
}
