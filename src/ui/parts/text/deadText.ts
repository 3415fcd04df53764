// The share of dead features that an SAE's record has, with the tokens it is of: statistics and evaluations count
// their own.
import type { SaeFacts } from '../../../engine/sae/api';
import { measure, percent } from './numberText';

/** "5 % dead in training (silent for 100 K tokens)"; nothing if training did not count. */
export function deadText({
  deadFraction,
  deadAfterTokens,
}: Pick<SaeFacts, 'deadFraction' | 'deadAfterTokens'>): string[] {
  if (deadFraction === null) return [];
  const of =
    deadAfterTokens === undefined ? '' : ` (silent for ${measure(deadAfterTokens)} tokens)`;
  return [`${percent(deadFraction)} dead in training${of}`];
}
