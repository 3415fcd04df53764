// Statistics of a small SAE, as a pass makes them, for tests of what keeps and reads them.
import { addToArchive, makeCodeArchive } from '../../../src/core/statistics/codeArchive';
import { topPartners } from '../../../src/core/statistics/coActivation';
import { FULL_EXAMPLES } from '../../../src/core/statistics/exampleChoice';
import { cutLatentExamples } from '../../../src/core/statistics/latentExamples';
import { addSparseCode, makeLatentStatistics } from '../../../src/core/statistics/latentStatistics';
import type { LatentLogits, SaeStatistics } from '../../../src/core/statistics/saeStatistics';

export const STATISTICS_TEXTS = new Map([[65535, 'é']]);

export function rankedLogits(d_sae: number): LatentLogits {
  return {
    topIds: new Uint32Array(d_sae * 10).fill(7),
    topValues: new Float32Array(d_sae * 10).fill(0.25),
    bottomIds: new Uint32Array(d_sae * 10).fill(65535),
    bottomValues: new Float32Array(d_sae * 10).fill(-1),
  };
}

/** Of three counted tokens, on which latents 0 and 2 fire; at least 3 latents. */
export function makeSaeStatistics(d_sae: number): SaeStatistics {
  const stats = makeLatentStatistics({ d_sae, contextSize: 4 });
  const code = {
    k: 1,
    latentIndices: Uint32Array.of(0, 2, 2),
    latentActs: Float32Array.of(0.125, 2.5, 1.5),
  };
  const tokens = Uint32Array.of(1, 2, 7);
  addSparseCode(stats, code, tokens);
  const archive = makeCodeArchive({ contextSize: 4, sequences: 2, d_sae });
  archive.tokenIds.set([9, 8, 7, 6, 5, 65535, 3, 2]);
  addToArchive(archive, code, tokens);
  const { countedTokens, fireCount, actSum, range, histogram } = stats;
  const { actSum2, actSum3, actSum4 } = stats;
  return {
    d_sae,
    countedTokens,
    fireCount,
    actSum,
    range,
    histogram,
    maxAct: Float32Array.from({ length: d_sae }, (_, latent) => [0.125, 0, 2.5][latent] ?? 0),
    examples: cutLatentExamples(stats, archive, FULL_EXAMPLES),
    topKept: FULL_EXAMPLES.top,
    logits: rankedLogits(d_sae),
    tokenTexts: STATISTICS_TEXTS,
    details: {
      excludedTokens: 5,
      powerSums: { actSum2, actSum3, actSum4 },
      neighbours: {
        indices: new Uint32Array(d_sae * 10).fill(2),
        cosines: new Float32Array(d_sae * 10).fill(0.5),
      },
      partners: topPartners(stats.coActivations),
    },
  };
}
