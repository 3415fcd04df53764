// Which latents of two SAEs are the same: pairs that are each other's nearest decoder direction. One-to-one
// by construction, symmetric, without a threshold; latents without such a partner are listed with their
// nearest. Pure.

/** Nearest direction of the other SAE for each latent; −1 if the other SAE has none. */
export type NearestOf = { indices: Int32Array; cosines: Float32Array };

export type LatentMatch = {
  latentIndex: number;
  /** nearest direction in the other SAE */
  otherIndex: number;
  cosine: number;
  /** whether each is the other's nearest: a matched pair */
  isMutual: boolean;
};

export type SaeMatching = {
  /** one entry per latent of the first SAE: matched pairs first, each part by descending cosine */
  matches: LatentMatch[];
  /** unmatched latents of the second SAE, by ascending index */
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
