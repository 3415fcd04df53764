// How a latent's activations are cut into groups for examples: equal-width intervals of (0, max], or true
// quantiles of its firing tokens. Edges lie on edges of stored bins, so every share is an exact count.
import { HISTOGRAM_BINS } from './latentStatistics';

/** Activations above `from`, up to `to`; `count` firing tokens lie there. */
export type ActivationGroup = { from: number; to: number; count: number };

export const INTERVALS = 5;
/** Upper ends of the quantile groups, as shares of firing tokens. */
export const QUANTILE_ENDS = [0.5, 0.9, 0.99, 0.999, 1] as const;

type Bins = { counts: ArrayLike<number>; binWidth: number; maxAct: number };

/** Five equal slices of (0, max], highest first (interface.md 2.3). Empty for a latent that never fired. */
export function activationIntervals(bins: Bins): ActivationGroup[] {
  if (!(bins.maxAct > 0)) return [];
  const edges = [0];
  for (let i = 1; i < INTERVALS; i++) {
    edges.push(Math.round((i * bins.maxAct) / INTERVALS / bins.binWidth));
  }
  return groupsBetween([...edges, HISTOGRAM_BINS], bins);
}

/** 0-50-90-99-99.9-100 % of the firing tokens, highest first; each edge is the first bin edge at or above
 *  its quantile. */
export function activationQuantiles(bins: Bins): ActivationGroup[] {
  if (!(bins.maxAct > 0)) return [];
  const total = countBetween(bins.counts, 0, HISTOGRAM_BINS);
  const edges = [0];
  let seen = 0;
  let bin = 0;
  for (const end of QUANTILE_ENDS.slice(0, -1)) {
    while (seen < end * total) seen += bins.counts[bin++]!;
    edges.push(bin);
  }
  return groupsBetween([...edges, HISTOGRAM_BINS], bins);
}

/** edges: bin numbers, ascending. */
function groupsBetween(edges: readonly number[], bins: Bins): ActivationGroup[] {
  const groups: ActivationGroup[] = [];
  for (let i = 1; i < edges.length; i++) {
    const [first, end] = [edges[i - 1]!, edges[i]!];
    const edge = (bin: number) =>
      bin === HISTOGRAM_BINS ? bins.maxAct : Math.min(bins.maxAct, bin * bins.binWidth);
    groups.unshift({
      from: edge(first),
      to: edge(end),
      count: countBetween(bins.counts, first, end),
    });
  }
  return groups;
}

function countBetween(counts: ArrayLike<number>, first: number, end: number): number {
  let count = 0;
  for (let bin = first; bin < end; bin++) count += counts[bin]!;
  return count;
}
