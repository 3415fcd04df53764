// Which latents of two SAEs are the same: pairs that are each other's nearest decoder direction. One-to-one by
// construction, symmetric, and no threshold decides; what has no such partner is listed with its nearest. Pure.

/** Nearest direction of the other SAE for each latent; −1 where the other SAE has none. */
export type NearestOf = { indices: Int32Array; cosines: Float32Array };

export type LatentMatch = {
  latentIndex: number;
  /** nearest direction in the other SAE */
  otherIndex: number;
  cosine: number;
  /** whether it is the nearest of that one, too: a matched pair */
  isMutual: boolean;
};

export type SaeMatching = {
  /** one entry per latent of the first SAE: matched pairs first, each part by falling cosine */
  matches: LatentMatch[];
  /** latents of the second SAE in no pair, by rising index */
  unmatchedOthers: Uint32Array;
};

/** here: of the first SAE's latents in the second; there: the other way. */
export function matchLatents(here: NearestOf, there: NearestOf): SaeMatching {
  const matches = Array.from(here.indices, (otherIndex, latentIndex) => ({
    latentIndex,
    otherIndex,
    cosine: here.cosines[latentIndex]!,
    isMutual: there.indices[otherIndex] === latentIndex,
  }));
  matches.sort(
    (a, b) =>
      Number(b.isMutual) - Number(a.isMutual) ||
      b.cosine - a.cosine ||
      a.latentIndex - b.latentIndex,
  );
  const paired = new Set(matches.filter((m) => m.isMutual).map((m) => m.otherIndex));
  const others = Array.from(there.indices.keys()).filter((other) => !paired.has(other));
  return { matches, unmatchedOthers: Uint32Array.from(others) };
}
