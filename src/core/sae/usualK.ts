/** Latents kept per token that suit a size, until somebody chooses another (interface.md 2.2). */
export function usualK(expansionFactor: number): number {
  return expansionFactor > 4 ? 32 : 16;
}
