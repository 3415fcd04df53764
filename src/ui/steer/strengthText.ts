// A strength in words, and where two lanes part. Pure.
import type { TokenView } from '../../engine/api';

/** As a screen reader says it: "plus 1.5 times max activation". */
export function spokenStrength(strength: number): string {
  if (strength === 0) return 'neutral';
  const sign = strength > 0 ? 'plus' : 'minus';
  return `${sign} ${Math.abs(Number(strength.toFixed(2)))} times max activation`;
}

/** Index of the first token the lanes do not share; null while they agree. */
export function firstDivergence(
  baseline: readonly TokenView[],
  steered: readonly TokenView[],
): number | null {
  const shared = Math.min(baseline.length, steered.length);
  for (let i = 0; i < shared; i++) {
    if (baseline[i]?.tokenId !== steered[i]?.tokenId) return i;
  }
  return null;
}
