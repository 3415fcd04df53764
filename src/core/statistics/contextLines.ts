// Examples as lines with the firing token in the middle (keyword in context), as a card shows them. Pure.

import { runningTexts } from '../text/runningText';

/** A firing token with the text around it, as it is written: line breaks and spaces included. */
export type ContextLine = {
  before: string;
  token: string;
  after: string;
  act: number;
  /** of the firing token; absent: not known */
  tokenId?: number;
};

type ContextExample = {
  tokens: readonly { text: string; isSpecial: boolean; tokenId?: number }[];
  /** index in `tokens` of the firing token */
  peak: number;
  act: number;
};

/** Characters kept on each side: more than a card is wide. */
const REACH = 48;

/** At most `most` lines, taken from `examples` in their order; a line whose firing word is there already waits until
 *  every other word has had its turn, so that four lines show what varies. */
export function contextLines(examples: readonly ContextExample[], most: number): ContextLine[] {
  const seen = new Set<string>();
  const [fresh, again]: [ContextExample[], ContextExample[]] = [[], []];
  for (const example of examples) {
    const word = (example.tokens[example.peak]?.text ?? '').trim().toLowerCase();
    (seen.has(word) ? again : fresh).push(example);
    seen.add(word);
  }
  return [...fresh, ...again]
    .slice(0, most)
    .sort((a, b) => b.act - a.act)
    .map(lineOf);
}

function lineOf({ tokens, peak, act }: ContextExample): ContextLine {
  const tokenId = tokens[peak]?.tokenId;
  // A special token ends a text.
  let [from, to] = [peak, peak + 1];
  while (from > 0 && !tokens[from - 1]!.isSpecial) from--;
  while (to < tokens.length && !tokens[to]!.isSpecial) to++;
  const texts = runningTexts(tokens.slice(from, to).map(({ text }) => text)).map(
    ({ text }) => text,
  );
  const own = texts[peak - from] ?? '';
  // The space before a word belongs to its context, or the highlight would begin with a gap.
  const token = own.trim() === '' ? own : own.trimStart();
  const lead = own.slice(0, own.length - token.length);
  return {
    before: (texts.slice(0, peak - from).join('') + lead).slice(-REACH),
    token: token === '' ? (tokens[peak]?.text ?? '') : token,
    after: texts
      .slice(peak - from + 1)
      .join('')
      .slice(0, REACH),
    act,
    ...(tokenId !== undefined && { tokenId }),
  };
}
