// A guessed label in words. Pure.
import { counted } from '../../core/text/counted';
import { MIN_FIRES, type LabelGuess } from '../../core/statistics/latentLabel';
import { scoreText } from '../parts/feature/nameText';
import { lineGlyphs } from '../../core/text/visibleText';

export function guessText({ text, fires }: LabelGuess): string {
  if (text !== null) return lineGlyphs(text);
  return fires < MIN_FIRES ? 'too rare to guess' : 'no plain rule found';
}

export function scoreSentence({ text, score, fires, heldOutFires }: LabelGuess): string {
  const tokens = (n: number) => counted(n, 'token');
  if (text === null) return `It fired on ${tokens(fires)} of the text that was read.`;
  const from = `A plain rule from ${tokens(fires)} on which it fired`;
  if (score === null) return `${from}; no score: it is silent in the held-out text.`;
  return `${from}; its predictions on held-out text correlate by ${scoreText(score)} (${tokens(heldOutFires)} fired there; 1 is perfect).`;
}
