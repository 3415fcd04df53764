// What a finished statistics pass keeps of an SAE: per-latent counts and histograms, the windows of its
// strongest tokens and its direct logits. Enough for every dashboard without model or SAE.
import type { LatentStatistics } from './latentStatistics';
import type { LatentWindows } from './latentWindows';

/** Tokens kept on each side of a latent's direct logits. */
export const RANKED_LOGITS = 10;

/** [d_sae, RANKED_LOGITS] each, strongest (top) or weakest (bottom) first. */
export type LatentLogits = {
  topIds: Uint32Array;
  topValues: Float32Array;
  bottomIds: Uint32Array;
  bottomValues: Float32Array;
};

/** Σ a², Σ a³ and Σ a⁴ of every latent, [d_sae] each. */
export type LatentPowerSums = Pick<LatentStatistics, 'actSum2' | 'actSum3' | 'actSum4'>;

/** Decoder directions closest to each latent's, best first; [d_sae, NEIGHBOURS] each. */
export type LatentNeighbours = { indices: Uint32Array; cosines: Float32Array };

/** Decoder neighbours kept per latent. */
export const NEIGHBOURS = 10;

export type SaeStatistics = Pick<
  LatentStatistics,
  'd_sae' | 'countedTokens' | 'fireCount' | 'actSum' | 'maxAct' | 'range' | 'histogram'
> & {
  /** null: by a version that did not keep them */
  powerSums: LatentPowerSums | null;
  neighbours: LatentNeighbours | null;
  windows: LatentWindows;
  logits: LatentLogits;
  /** printable text of every token id that windows and logits name */
  tokenTexts: ReadonlyMap<number, string>;
};
