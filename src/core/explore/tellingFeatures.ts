// Which of a token's features tell most about it. The largest activations belong to features that are strong
// everywhere, so each is measured by its own maximum, and one that fires on every tenth token counts half. Pure.
import type { ActiveLatent } from './activeText';

/** What a feature is measured by, if it is known. */
export type TellingFacts = {
  /** its largest activation in the statistics */
  maxAct: number;
  /** firing / counted tokens */
  density: number;
  /** a person or a scored guess gave it a name */
  isNamed: boolean;
};

/** A name makes a feature easier to read, so it comes before a slightly stronger one without. */
const NAMED = 1.5;
/** From one token in a hundred down, rarity counts no further. */
const RARE = 2;

/** 0: says nothing. Features of which nothing is known come last, in their own order. */
export function tellingScore({ act }: ActiveLatent, facts: TellingFacts | null): number {
  if (facts === null || !(facts.maxAct > 0) || !(facts.density > 0)) return 0;
  const rarity = Math.min(1, -Math.log10(facts.density) / RARE);
  return (act / facts.maxAct) * rarity * (facts.isNamed ? NAMED : 1);
}

/** Most telling first; equals keep their order. */
export function byTelling(
  features: readonly ActiveLatent[],
  factsOf: (latentIndex: number) => TellingFacts | null,
): ActiveLatent[] {
  const scored = features.map((feature) => ({
    feature,
    score: tellingScore(feature, factsOf(feature.latentIndex)),
  }));
  return scored.sort((a, b) => b.score - a.score).map(({ feature }) => feature);
}
