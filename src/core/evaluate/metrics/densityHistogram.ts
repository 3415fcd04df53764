// Firing rates of latents as a histogram of log10 on [−6, 0]; latents that never fired are counted apart
// (sae.md §10).

const LOWEST = -6;
const BINS = 24;

export type DensityHistogram = {
  /** log10 of the firing rate at the left edge of bin 0 */
  from: number;
  /** decades per bin */
  binWidth: number;
  /** latents per bin; rates below 10^−6 count in bin 0 */
  counts: number[];
  /** latents that never fired */
  neverFired: number;
};

/** fireCount: [d_sae], firing tokens of each latent out of `tokens`. */
export function densityHistogram(fireCount: ArrayLike<number>, tokens: number): DensityHistogram {
  const binWidth = -LOWEST / BINS;
  const counts = new Array<number>(BINS).fill(0);
  let neverFired = 0;
  for (let latent = 0; latent < fireCount.length; latent++) {
    const fires = fireCount[latent]!;
    if (fires === 0) {
      neverFired++;
      continue;
    }
    const bin = Math.floor((Math.log10(fires / tokens) - LOWEST) / binWidth);
    counts[Math.max(0, Math.min(BINS - 1, bin))]!++;
  }
  return { from: LOWEST, binWidth, counts, neverFired };
}
