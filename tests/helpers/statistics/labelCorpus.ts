// Made-up text in fixed sequences led by <|bos|>: words, numbers and punctuation drawn by a seed.
import type { LabelText } from '../../../src/core/statistics/labelCells';
import { hash32 } from '../../../src/core/numeric/rng';

export type Corpus = LabelText & {
  textOf: (tokenId: number) => string;
  idOf: (text: string) => number;
  words: readonly string[];
};

const LENGTH = 32;
const WORDS = (
  ' cat dog the of a ran house tree red blue old new king sun moon fish bird river stone green ' +
  'said went came saw small large'
)
  .split(' ')
  .filter((word) => word !== '')
  .map((word) => ` ${word}`);
const TOKENS = ['<|bos|>', 'The', ...WORDS, ' 7', ' 42', '.', ',', '!', '\n'];

/** Uniform in [0, 1), repeatable. */
export function makeRng(seed: number): () => number {
  let step = 0;
  return () => hash32(seed, step++) / 2 ** 32;
}

export function makeLabelCorpus(seed: number, sequences: number): Corpus {
  const random = makeRng(seed);
  const tokenIds = Int32Array.from({ length: sequences * LENGTH }, (_, t) =>
    t % LENGTH === 0 ? 0 : 1 + Math.floor(random() * (TOKENS.length - 1)),
  );
  return {
    tokenIds,
    contextSize: LENGTH,
    counted: Uint32Array.from(tokenIds.keys()).filter((t) => t % LENGTH !== 0),
    textOf: (tokenId) => TOKENS[tokenId]!,
    idOf: (text) => TOKENS.indexOf(text),
    words: WORDS,
  };
}
