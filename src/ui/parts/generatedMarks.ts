// Marks of prompt tokens and generated ones; both lanes and the Model screen draw them alike. Pure.
import type { CSSProperties } from 'react';
import type { GeneratedToken, TokenView } from '../../engine/api';
import { measure, percent, signed } from '../numberText';
import { proseGlyphs, spokenToken } from '../tokenText';
import type { TokenMark } from './tokenMark';

/** Log-probability whose bar is full, nats: a sure token has none, so a calm text looks calm. */
const FULL_BAR = -8;

export const BAR_LEGEND = 'Bar: −log-probability; none is certain, full is 8 nats or more.';

export function markPrompt(token: TokenView): TokenMark {
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial ? 'prompt special' : 'prompt',
    name: `${spokenToken(token.text)}, prompt`,
    details: ['prompt', `id ${token.tokenId}`],
  };
}

/** A token that the calculator put in: the model chose nothing, so there is no bar. */
function markForced(token: GeneratedToken): TokenMark {
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial ? 'forced special' : 'forced',
    name: `${spokenToken(token.text)}, put in by the calculator`,
    details: ['put in by the calculator', 'no log-prob', `id ${token.tokenId}`],
  };
}

export function markGenerated(token: GeneratedToken): TokenMark {
  if (token.logProb === null) return markForced(token);
  const strength = token.values[0] ?? 0;
  const logProb = measure(token.logProb);
  const share = Math.max(0, Math.min(1, token.logProb / FULL_BAR));
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial ? 'barred special' : 'barred',
    style: { '--p': share.toFixed(3) } as CSSProperties,
    name: `${spokenToken(token.text)}, log-probability ${logProb}`,
    details: [
      `log-prob ${logProb} (${percent(Math.exp(token.logProb))})`,
      `id ${token.tokenId}`,
      ...(strength === 0 ? [] : [`strength ${signed(strength)}`]),
    ],
  };
}
