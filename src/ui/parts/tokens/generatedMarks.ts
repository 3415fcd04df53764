// Marks of prompt tokens and generated ones; all texts that the model writes are drawn alike. Pure.
import type { CSSProperties } from 'react';
import type { TokenView } from '../../../engine/model/api';
import type { GeneratedToken } from '../../../engine/generate/api';
import { measure, percent } from '../text/numberText';
import { chipGlyphs, proseGlyphs, spokenToken } from './tokenText';
import type { TokenMark } from './tokenMark';
import { classNames } from '../look/classNames';
import tokenStyles from './tokens.module.css';

/** Log-probability whose bar is full, nats: a sure token has none, so a calm text looks calm. */
const FULL_BAR = -8;

export const BAR_LEGEND = 'The longer the bar under a token, the less likely the model found it.';

export function markPrompt(token: TokenView): TokenMark {
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial
      ? classNames(tokenStyles.prompt, tokenStyles.special)
      : tokenStyles.prompt,
    name: `${spokenToken(token.text)}, prompt`,
    details: ['prompt', `id ${token.tokenId}`],
  };
}

/** A token inserted by the calculator: the model did not choose it, so there is no bar. */
function markForced(token: GeneratedToken): TokenMark {
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial
      ? classNames(tokenStyles.forced, tokenStyles.special)
      : tokenStyles.forced,
    name: `${spokenToken(token.text)}, put in by the calculator`,
    details: ['put in by the calculator', 'no log-prob', `id ${token.tokenId}`],
  };
}

export function markGenerated(token: GeneratedToken): TokenMark {
  if (token.logProb === null) return markForced(token);
  const logProb = measure(token.logProb);
  const share = Math.max(0, Math.min(1, token.logProb / FULL_BAR));
  return {
    text: proseGlyphs(token.text),
    className: token.isSpecial
      ? classNames(tokenStyles.barred, tokenStyles.special)
      : tokenStyles.barred,
    style: { '--p': share.toFixed(3) } as CSSProperties,
    name: `${spokenToken(token.text)}, log-probability ${logProb}`,
    details: [
      `log-prob ${logProb} (${percent(Math.exp(token.logProb))})`,
      ...choiceLines(token),
      `id ${token.tokenId}`,
    ],
  };
}

/** Rank, entropy and the five likeliest, if they were reported. */
function choiceLines({ choice }: GeneratedToken): string[] {
  if (choice === null) return [];
  const { rank, entropy, top } = choice;
  const others = top.map(
    ({ text, logProb }) => `${chipGlyphs(text)} ${percent(Math.exp(logProb))}`,
  );
  return [`rank ${rank}, entropy ${measure(entropy)} nats`, `top 5: ${others.join(', ')}`];
}
