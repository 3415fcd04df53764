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

export type SaeStatistics = Pick<
  LatentStatistics,
  'd_sae' | 'countedTokens' | 'fireCount' | 'actSum' | 'maxAct' | 'range' | 'histogram'
> & {
  windows: LatentWindows;
  logits: LatentLogits;
  /** printable text of every token id that windows and logits name */
  tokenTexts: ReadonlyMap<number, string>;
};
