// Counts for how many tokens each latent has been silent.

/** The counter stops one below its maximum rather than wrap round to "just fired". */
const MOST_SILENT = 0xfffffffe;

/** After `tokens` more; in place. */
export function countSilence(
  tokensSinceFired: Uint32Array,
  tokens: number,
  hasFired: (latent: number) => boolean,
): void {
  for (let latent = 0; latent < tokensSinceFired.length; latent++) {
    const longer = Math.min(tokensSinceFired[latent]! + tokens, MOST_SILENT);
    tokensSinceFired[latent] = hasFired(latent) ? 0 : longer;
  }
}
