// How clusters of decoder directions are shown: each latent's cluster, their sizes, the words they fire on.
import { memoLast } from '../../core/memoLast';
import type { LatentRow } from '../../engine/statistics/api';

const WORDS = 4;

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
  /** words on which most of them fire more than on all others, the most frequent first */
  words: readonly string[];
};

/** Ascending by number; clusters without a live latent are left out. */
export const clusterEntries = memoLast(
  (rows: readonly LatentRow[], clusterOf: Uint8Array): ClusterEntry[] => {
    const entries: { size: number; words: Map<string, number> }[] = [];
    for (const [at, { firesOn }] of rows.entries()) {
      const [word] = firesOn;
      const entry = (entries[clusterOf[at] ?? 0] ??= { size: 0, words: new Map() });
      entry.size++;
      if (word !== undefined) entry.words.set(word, (entry.words.get(word) ?? 0) + 1);
    }
    return entries.flatMap(({ size, words }, cluster) =>
      cluster === 0 ? [] : [{ cluster, size, words: mostFrequent(words) }],
    );
  },
);

function mostFrequent(words: ReadonlyMap<string, number>): string[] {
  const ranked = [...words].sort(([, a], [, b]) => b - a);
  return ranked.slice(0, WORDS).map(([word]) => word);
}
