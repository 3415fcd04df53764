// A guessed label in words. Pure.
import { MIN_FIRES, type LabelGuess } from '../../core/statistics/latentLabel';
import { count } from '../parts/numberText';
import { lineGlyphs } from '../parts/tokens/tokenText';

export function guessText({ text, fires }: LabelGuess): string {
  if (text !== null) return lineGlyphs(text);
  return fires < MIN_FIRES ? 'too rare to guess' : 'no plain rule found';
}

/** Two decimals: more would exceed the precision of the correlation. */
export function scoreText(score: number | null): string {
  return score === null ? '–' : score.toFixed(2).replace('-', '−');
}

export function scoreSentence({ text, score, fires, heldOutFires }: LabelGuess): string {
  const tokens = (n: number) => `${count(n)} ${n === 1 ? 'token' : 'tokens'}`;
  if (text === null) return `It fired on ${tokens(fires)} of the text that was read.`;
  const from = `A plain rule from ${tokens(fires)} on which it fired`;
  if (score === null) return `${from}; no score: it is silent in the held-out text.`;
  return `${from}; its predictions on held-out text correlate by ${scoreText(score)} (${tokens(heldOutFires)} fired there; 1 is perfect).`;
}
