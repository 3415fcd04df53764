// tokenizer.json of the tokenizers library → the same TokenizerFile as from tokenizer.pkl. Only a
// byte-level BPE that encodes every text as tiktoken would is accepted; anything else is refused with the
// reason. Encoding text is the job of `model/tokenizer`.
import * as v from 'valibot';
import { checkedFields } from '../archives/checkedFields';
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';
import { readJson } from '../archives/json';
import { checkMerges } from './hfMerges';
import type { TokenizerFile } from './tokenizerPickle';

const MAX_ID = 1_000_000;
const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_ID));
const SPLIT = v.object({
  type: v.literal('Split'),
  pattern: v.object({ Regex: v.pipe(v.string(), v.maxLength(10_000)) }),
  behavior: v.literal('Isolated'),
  invert: v.literal(false),
});
const BYTE_LEVEL = v.object({
  type: v.literal('ByteLevel'),
  add_prefix_space: v.literal(false),
  use_regex: v.literal(false),
});

const TOKENIZER = v.object({
  added_tokens: v.nullish(
    v.array(v.object({ id, content: v.pipe(v.string(), v.minLength(1)), special: v.boolean() })),
    [],
  ),
  // Steps that would change the text before it is split.
  normalizer: v.nullish(v.null()),
  pre_tokenizer: v.object({
    type: v.literal('Sequence'),
    pretokenizers: v.strictTuple([SPLIT, BYTE_LEVEL]),
  }),
  model: v.object({
    type: v.optional(v.literal('BPE'), 'BPE'),
    dropout: v.nullish(v.literal(0)),
    continuing_subword_prefix: v.nullish(v.literal('')),
    end_of_word_suffix: v.nullish(v.literal('')),
    // Applies to bytes outside the vocabulary only: readRanks refuses a vocabulary that lacks one.
    byte_fallback: v.nullish(v.boolean()),
    ignore_merges: v.nullish(v.boolean(), false),
    vocab: v.record(v.string(), id),
    // Pairs since tokenizers 0.20; before that "left right".
    merges: v.array(v.union([v.string(), v.tuple([v.string(), v.string()])])),
  }),
});
type Tokenizer = v.InferOutput<typeof TOKENIZER>;

/** Throws FormatError naming the field, or the token whose merges tiktoken would not make. */
export function parseHfTokenizer(text: string, fileName: string): TokenizerFile {
  const wayOut = "only a byte-level BPE split by a pattern is read, as nanochat's tokenizers are";
  const tokenizer = checkedFields(TOKENIZER, readJson(text, fileName), fileName, wayOut);
  const { model, pre_tokenizer: preTokenizer } = tokenizer;
  const specialTokens = readAddedTokens(tokenizer, fileName);
  const ranks = readRanks(model.vocab, specialTokens, fileName);
  const bytes = ranks.map(([letters, rank]) => [bytesOf(letters, fileName), rank] as const);
  checkMerges(
    { ranks, merges: model.merges.map(toPair), ignoresMerges: model.ignore_merges },
    fileName,
  );
  return {
    name: fileName,
    patStr: preTokenizer.pretokenizers[0].pattern.Regex,
    ranks: bytes,
    specialTokens,
  };

  function toPair(merge: string | [string, string]): [string, string] {
    if (typeof merge !== 'string') return merge;
    const [left = '', right = '', ...rest] = merge.split(' ');
    if (rest.length > 0)
      throw new FormatError(`${fileName}: the merge ${quote(merge)} is not a pair`);
    return [left, right];
  }
}

function readAddedTokens(file: Tokenizer, fileName: string): Map<string, number> {
  const tokens = new Map<string, number>();
  const taken = new Set<number>();
  for (const { content, id: tokenId, special } of file.added_tokens) {
    if (!special) {
      throw new FormatError(
        `${fileName}: the added token ${quote(content)} is not special, so typed text could produce it; nanochat's added tokens are all special`,
      );
    }
    const own = Object.hasOwn(file.model.vocab, content) ? file.model.vocab[content] : undefined;
    if (tokens.has(content) || taken.has(tokenId) || (own !== undefined && own !== tokenId)) {
      throw new FormatError(
        `${fileName}: the added token ${quote(content)} or its id appears twice`,
      );
    }
    tokens.set(content, tokenId);
    taken.add(tokenId);
  }
  return tokens;
}

/** Tokens in their byte letters with their ids, ascending; special ones may also lie in the vocabulary. */
function readRanks(
  vocab: Readonly<Record<string, number>>,
  specialTokens: ReadonlyMap<string, number>,
  fileName: string,
): [string, number][] {
  const ranks = Object.entries(vocab).filter(([letters]) => !specialTokens.has(letters));
  const ids = new Set([...ranks.map(([, rank]) => rank), ...specialTokens.values()]);
  if (ids.size !== ranks.length + specialTokens.size) {
    throw new FormatError(`${fileName}: two tokens have one id; save the tokenizer again`);
  }
  const single = ranks.filter(([letters]) => Array.from(letters).length === 1).length;
  if (single !== 256) {
    throw new FormatError(
      `${fileName}: ${single} of the 256 single bytes are in its vocabulary; some text could not be encoded`,
    );
  }
  return ranks.sort((a, b) => a[1] - b[1]);
}

/** Letter of each byte in a byte-level vocabulary (GPT-2's table): the printable characters of Latin-1
 *  stand for themselves, the other bytes, in their order, for U+0100 and on. */
const BYTE_OF_LETTER = new Map(
  Array.from({ length: 256 }, (_, byte) => byte)
    .map((byte) => ({ byte, isPlain: isPrintable(byte) }))
    .map(({ byte, isPlain }) => [String.fromCodePoint(isPlain ? byte : shifted(byte)), byte]),
);

function isPrintable(byte: number): boolean {
  return (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
}

function shifted(byte: number): number {
  let others = 0;
  for (let lower = 0; lower < byte; lower++) if (!isPrintable(lower)) others++;
  return 256 + others;
}

function bytesOf(letters: string, fileName: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => {
    const byte = BYTE_OF_LETTER.get(letter);
    if (byte !== undefined) return byte;
    throw new FormatError(
      `${fileName}: the token ${quote(letters)} has a letter that does not stand for a byte; only byte-level vocabularies are supported`,
    );
  });
}
