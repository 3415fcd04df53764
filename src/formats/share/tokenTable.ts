// The distinct tokens of shared content, so that each text is written once. Pure.
import { FormatError } from '../../core/errors';

type Token = { tokenId: number; text: string };

export type TokenTable = {
  /** where the token stands in the table, which then has it */
  place: (token: Token) => number;
  lists: () => { ids: number[]; texts: string[] };
};

export function makeTokenTable(): TokenTable {
  const places = new Map<string, number>();
  const ids: number[] = [];
  const texts: string[] = [];
  return {
    place({ tokenId, text }) {
      const key = `${tokenId} ${text}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, ids.length);
      texts.push(text);
      return ids.push(tokenId) - 1;
    },
    lists: () => ({ ids, texts }),
  };
}

/** Throws FormatError for a place that the table does not have. */
export function tokenAt(
  { ids, texts }: ReturnType<TokenTable['lists']>,
  at: number,
  name: string,
): Token {
  const [tokenId, text] = [ids[at], texts[at]];
  if (tokenId === undefined || text === undefined) {
    throw new FormatError(`${name}: it names token ${at} of ${Math.min(ids.length, texts.length)}`);
  }
  return { tokenId, text };
}
