// Tokens of a row as running text: characters split over tokens are put together. A token whose
// neighbours did not change keeps its identity, so that an append renders only the new ones.
import { elementAt } from '../../../core/elementAt';
import { runningTexts } from '../../../core/text/runningText';

export type TextToken = { text: string };

export type RunningToken<T> = {
  /** the token with the text it has in this row: the whole character for each of the tokens that make it */
  token: T;
  /** it only goes on with a character that stands with an earlier token */
  isRest: boolean;
};

/** What each token looked like last; let go with its tokens. */
export type RunningCache<T extends TextToken> = WeakMap<T, RunningToken<T>>;

export function runningTokens<T extends TextToken>(
  tokens: readonly T[],
  cache: RunningCache<T>,
): RunningToken<T>[] {
  const texts = runningTexts(tokens.map(({ text }) => text));
  return tokens.map((token, i) => {
    const { text, continues } = elementAt(texts, i);
    const shown = continues ?? text;
    const isRest = continues !== null;
    const last = cache.get(token);
    if (last?.token.text === shown && last.isRest === isRest) return last;
    const running = { token: shown === token.text ? token : { ...token, text: shown }, isRest };
    cache.set(token, running);
    return running;
  });
}
