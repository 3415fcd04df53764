// Shape of a latent's activations from their power sums (interface.md 2.3). Pure arithmetic; it sees
// no tokens.

/** One latent's Σ aⁿ over its firing tokens. */
export type PowerSums = { sum: number; sum2: number; sum3: number; sum4: number };

/** Mean of (a − ā)⁴ over the squared variance, less 3, over firing tokens only. null if the variance is
 *  0 or lost in rounding: fewer than two different activations. */
export function kurtosisGivenFiring(fireCount: number, sums: PowerSums): number | null {
  if (fireCount < 2) return null;
  const mean = sums.sum / fireCount;
  const raw2 = sums.sum2 / fireCount;
  const variance = raw2 - mean * mean;
  // Below this the difference is rounding error of the f64 sums.
  if (!(variance > 1e-9 * raw2)) return null;
  const raw3 = sums.sum3 / fireCount;
  const raw4 = sums.sum4 / fireCount;
  const fourth = raw4 - 4 * mean * raw3 + 6 * mean * mean * raw2 - 3 * mean ** 4;
  return fourth / (variance * variance) - 3;
}

export type TokenMoments = {
  /** E[a] and E[a²] over all counted tokens */
  mean: number;
  meanSquare: number;
  /** E[a³]/E[a²]^1.5 and E[a⁴]/E[a²]²; null for a dead latent */
  skew: number | null;
  kurtosis: number | null;
};

/** Moments about 0 over all counted tokens, most of which are 0: they scale as 1/density (OpenAI's form). */
export function momentsOverTokens(countedTokens: number, sums: PowerSums): TokenMoments {
  const [m1, m2, m3, m4] = [sums.sum, sums.sum2, sums.sum3, sums.sum4].map(
    (sum) => sum / countedTokens,
  ) as [number, number, number, number];
  return {
    mean: m1,
    meanSquare: m2,
    skew: m2 > 0 ? m3 / m2 ** 1.5 : null,
    kurtosis: m2 > 0 ? m4 / (m2 * m2) : null,
  };
}
