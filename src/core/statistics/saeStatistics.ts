// What a statistics pass stores about an SAE: per-latent counts and histograms, examples with their text,
// direct logits, relations between latents. Enough for every dashboard without model or SAE.
import type { LatentPartners } from './coActivation';
import type { LatentExamples } from './latentExamples';
import type { LatentStatistics } from './latentStatistics';

/** Tokens kept on each side of a latent's direct logits. */
export const RANKED_LOGITS = 10;

/** Decoder neighbours kept per latent. */
export const NEIGHBOURS = 10;

/** [d_sae, RANKED_LOGITS] each, strongest (top) or weakest (bottom) first; or NO_LOGITS. */
export type LatentLogits = {
  topIds: Uint32Array;
  topValues: Float32Array;
  bottomIds: Uint32Array;
  bottomValues: Float32Array;
};

/** Of rows of a file: where no model is, nothing is promoted. */
export const NO_LOGITS: LatentLogits = {
  topIds: new Uint32Array(),
  topValues: new Float32Array(),
  bottomIds: new Uint32Array(),
  bottomValues: new Float32Array(),
};

/** Σ a², Σ a³ and Σ a⁴ of every latent, [d_sae] each. */
type LatentPowerSums = Pick<LatentStatistics, 'actSum2' | 'actSum3' | 'actSum4'>;

/** Decoder directions closest to each latent's, best first; [d_sae, NEIGHBOURS] each; cosine 0 ends a
 *  list. */
export type LatentNeighbours = { indices: Uint32Array; cosines: Float32Array };

/** What version 1 of the statistics did not have. */
export type StatisticsDetails = {
  /** special tokens seen and left out */
  excludedTokens: number;
  powerSums: LatentPowerSums;
  neighbours: LatentNeighbours;
  partners: LatentPartners;
};

export type SaeStatistics = Pick<
  LatentStatistics,
  'd_sae' | 'countedTokens' | 'fireCount' | 'actSum' | 'range' | 'histogram'
> & {
  /** [d_sae]; 0 when it never fired */
  maxAct: Float32Array;
  examples: LatentExamples;
  /** most of the strongest that were kept of a latent; equal texts are one */
  topKept: number;
  logits: LatentLogits;
  /** null in version 1, which has only the strongest examples, ±16 tokens */
  details: StatisticsDetails | null;
  /** printable text of every token id that examples and logits name */
  tokenTexts: ReadonlyMap<number, string>;
};
