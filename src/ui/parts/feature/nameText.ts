// What stands under a feature's name: where the name is from, how often it fires. Pure.
import type { FeatureName } from '../../../core/statistics/featureName';
import { count, percent } from '../text/numberText';

/** “named by reading it”, “guess, 0.94”; empty where the name says it itself. */
export function nameSource({ source, score }: FeatureName): string {
  switch (source) {
    case 'label':
      return 'named by reading it';
    case 'guess':
      return score === null ? 'guess' : `guess, ${scoreText(score)}`;
    case 'tokens':
    case 'none':
      return '';
    default:
      return source satisfies never;
  }
}

export const SCORE_MEANING =
  'A plain rule guessed this name. Its score says how well the rule predicts the feature on text it has not seen: 1 is perfect, 0 is chance.';

/** Two decimals: more would exceed the precision of the correlation. */
export function scoreText(score: number | null): string {
  return score === null ? '–' : score.toFixed(2).replace('-', '−');
}

type Firing = { density: number; fireCount: number };

/** What statistics count. */
export type CountedUnit = 'token' | 'row';

/** “2.1 % of tokens”; “silent” for a dead feature. */
export function densityText({ density, fireCount }: Firing, unit: CountedUnit = 'token'): string {
  return fireCount === 0 ? 'silent' : `${percent(density)} of ${unit}s`;
}

/** The same as a sentence: “Fires on about 1 token in 48: on 10,417 of 500,000 counted.” */
export function densitySentence(
  { density, fireCount }: Firing,
  tokensSeen: number,
  unit: CountedUnit = 'token',
): string {
  if (fireCount === 0) return `Fires on none of ${count(tokensSeen)} ${unit}s counted.`;
  const every = Math.max(1, Math.round(1 / density));
  const often = every === 1 ? `almost every ${unit}` : `about 1 ${unit} in ${count(every)}`;
  return `Fires on ${often}: on ${count(fireCount)} of ${count(tokensSeen)} counted.`;
}
