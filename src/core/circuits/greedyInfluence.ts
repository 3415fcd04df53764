// Influence of every latent on the logits while rows are added, so that those with most are explained next:
// circuit-tracer's compute_partial_influences (attribution/attribute.py), kept up instead of computed anew.
import type { EdgeRow } from './reverseRows';

export type GreedyInfluence = {
  /** A logit of that weight. */
  addLogit: (row: EdgeRow, weight: number) => void;
  /** Rows of latents, by their index. */
  addLatents: (rows: readonly (readonly [number, EdgeRow])[]) => void;
  /** The latents with most influence among those without a row, most first. */
  next: (count: number) => number[];
  /** Share of all influence that ends at latents without a row. */
  leftOut: () => number;
};

export function makeGreedyInfluence(latents: number): GreedyInfluence {
  const reached = new Float64Array(latents);
  const rows = new Map<number, { row: EdgeRow; sum: number }>();
  let given = 0;
  const share = (row: EdgeRow, factor: number, into: Float64Array, before: number) => {
    for (let index = 0; index < before; index++) {
      into[index]! += factor * Math.abs(row.latents[index]!);
    }
  };
  /** Edges lead to latents of a higher index, so one pass downwards carries all of it. */
  const spread = (delta: Float64Array) => {
    for (let index = latents - 1; index >= 0; index--) {
      const value = delta[index]!;
      if (value === 0) continue;
      reached[index]! += value;
      const own = rows.get(index);
      if (own !== undefined && own.sum > 0) share(own.row, value / own.sum, delta, index);
    }
  };
  return {
    addLogit(row, weight) {
      const sum = absoluteSum(row);
      if (sum === 0) return;
      given += weight;
      const delta = new Float64Array(latents);
      share(row, weight / sum, delta, latents);
      spread(delta);
    },
    addLatents(added) {
      const delta = new Float64Array(latents);
      for (const [index, row] of added) {
        const sum = absoluteSum(row);
        rows.set(index, { row, sum });
        if (sum > 0) share(row, reached[index]! / sum, delta, index);
      }
      spread(delta);
    },
    next: (count) =>
      [...reached.keys()]
        .filter((index) => !rows.has(index))
        .sort((a, b) => reached[b]! - reached[a]! || a - b)
        .slice(0, count),
    leftOut() {
      let sum = 0;
      reached.forEach((value, index) => (sum += rows.has(index) ? 0 : value));
      return given === 0 ? 0 : sum / given;
    },
  };
}

function absoluteSum({ latents, errors, valueEmbeddings, tokens }: EdgeRow): number {
  let sum = 0;
  for (const part of [latents, errors, valueEmbeddings, tokens]) {
    for (const edge of part) sum += Math.abs(edge);
  }
  return sum;
}
