// How clusters of decoder directions are shown: each latent's cluster, their sizes, the tokens they promote.
import { memoLast } from '../../core/memoLast';
import type { LatentRow } from '../../engine/statistics/api';

const TOP_TOKENS = 4;

/** Number of each row's cluster; 0 also for a dead latent, whose direction is unused. Null while unknown. */
export const rowClusters = memoLast(
  (rows: readonly LatentRow[], clusters: Uint8Array | null): Uint8Array | null =>
    clusters &&
    Uint8Array.from(rows, ({ latentIndex, fireCount }) =>
      fireCount === 0 ? 0 : (clusters[latentIndex] ?? 0),
    ),
);

export type ClusterEntry = {
  cluster: number;
  /** live latents in it */
  size: number;
  /** tokens that most of them promote before all others, the most frequent first */
  topTokens: readonly string[];
};

/** Ascending by number; clusters without a live latent are left out. */
export const clusterEntries = memoLast(
  (rows: readonly LatentRow[], clusterOf: Uint8Array): ClusterEntry[] => {
    const entries: { size: number; tokens: Map<string, number> }[] = [];
    for (const [at, { topToken }] of rows.entries()) {
      const entry = (entries[clusterOf[at] ?? 0] ??= { size: 0, tokens: new Map() });
      entry.size++;
      if (topToken !== null) entry.tokens.set(topToken, (entry.tokens.get(topToken) ?? 0) + 1);
    }
    return entries.flatMap(({ size, tokens }, cluster) =>
      cluster === 0 ? [] : [{ cluster, size, topTokens: mostFrequent(tokens) }],
    );
  },
);

function mostFrequent(tokens: ReadonlyMap<string, number>): string[] {
  const ranked = [...tokens].sort(([, a], [, b]) => b - a);
  return ranked.slice(0, TOP_TOKENS).map(([token]) => token);
}
