// The effect of an ablation as a sentence. Pure.
import type { Ablation } from '../../../engine/explore/api';
import { count, measure, signedMeasure } from '../../parts/text/numberText';
import { spokenToken } from '../../parts/tokens/tokenText';

type AblatedToken = Ablation['tokens'][number];

/** The tokens from the first change on. */
export function changedTokens({ tokens, firstChanged }: Ablation): readonly AblatedToken[] {
  return firstChanged === null ? [] : tokens.slice(firstChanged);
}

export function ablationSentence(result: Ablation): string {
  const changed = changedTokens(result);
  const [first] = changed;
  if (first === undefined) {
    return 'The feature is silent there, so the rerun changes nothing.';
  }
  const mean = changed.reduce((sum, { kl }) => sum + kl, 0) / changed.length;
  const largest = changed.reduce((a, b) => (b.kl > a.kl ? b : a));
  const tokens = changed.length === 1 ? 'token' : 'tokens';
  const start =
    `Mean KL ${measure(mean)} nats over ${count(changed.length)} ${tokens} from ` +
    `${spokenToken(first.text)} on, largest ${measure(largest.kl)} after ${spokenToken(largest.text)}.`;
  const change = strongestChange(changed);
  return change === null ? start : `${start} ${change}`;
}

function strongestChange(changed: readonly AblatedToken[]): string | null {
  let strongest: { delta: number; next: AblatedToken; before: AblatedToken } | null = null;
  for (const [i, before] of changed.entries()) {
    const next = changed[i + 1];
    const delta = before.deltaLogProb;
    if (next === undefined || delta === null) continue;
    if (strongest === null || Math.abs(delta) > Math.abs(strongest.delta)) {
      strongest = { delta, next, before };
    }
  }
  if (strongest === null || strongest.delta === 0) return null;
  const { delta, next, before } = strongest;
  return (
    `Most changed: ${spokenToken(next.text)} after ${spokenToken(before.text)}, ` +
    `log p ${signedMeasure(delta)}.`
  );
}
