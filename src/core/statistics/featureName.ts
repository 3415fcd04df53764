// What a feature is called, wherever it is met: one rule for the table, cards, search, slots and exports. Pure. What a
// feature promotes is never its name.
import { lineGlyphs } from '../text/visibleText';
import { MIN_SCORE, type LabelGuess } from './latentLabel';

export type FeatureName = {
  /** one line without invisible characters: a label, a guess, “fires on “Lily”, “Tim”” … */
  text: string;
  /** who says so: somebody who read its examples; a rule that was scored; the tokens themselves; nothing is known (yet) */
  source: 'label' | 'guess' | 'tokens' | 'none';
  /** of a guess: correlation on held-out text, 1 is perfect; null for every other source */
  score: number | null;
};

export type NameFacts = {
  latentIndex: number;
  /** a person's own label; empty or absent: none */
  label?: string | undefined;
  guess?: LabelGuess | undefined;
  /** as `firingWords` lists them: empty for a feature that never fired, absent or null while unknown */
  firesOn?: readonly string[] | null | undefined;
};

/** Own label, else a guess that predicts unseen text, else the tokens it fires on, else its number. */
export function featureName({ latentIndex, label, guess, firesOn }: NameFacts): FeatureName {
  if (label !== undefined && label.trim() !== '') {
    return { text: lineGlyphs(label.trim()), source: 'label', score: null };
  }
  if (guess !== undefined && guess.text !== null && (guess.score ?? 0) >= MIN_SCORE) {
    return { text: lineGlyphs(withPlaces(guess.text)), source: 'guess', score: guess.score };
  }
  if (firesOn === undefined || firesOn === null) {
    return { text: `feature ${latentIndex}`, source: 'none', score: null };
  }
  if (firesOn.length === 0) return { text: 'never fired', source: 'none', score: null };
  return { text: `fires on ${firesOnText(firesOn)}`, source: 'tokens', score: null };
}

const PLACE = /^tokens? (.+) of a text$/;

/** Token 1 of a text, token 2 of a text → place 1, 2 of a text: a card has room for few words. */
function withPlaces(guess: string): string {
  const parts = guess.split(', ');
  const places = parts.flatMap((part) => PLACE.exec(part)?.[1] ?? []);
  if (places.length === 0) return guess;
  return [
    `place ${places.join(', ')} of a text`,
    ...parts.filter((part) => !PLACE.test(part)),
  ].join(', ');
}

/** “Lily”, “Tim” */
export function firesOnText(firesOn: readonly string[]): string {
  return firesOn.map((word) => `“${lineGlyphs(word)}”`).join(', ');
}
