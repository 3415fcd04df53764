// Text ↔ token ids, equal to tiktoken's encode_ordinary on any text (nanochat.md 4). Merging is
// js-tiktoken's; splitting, caching and the display of tokens are here. Text never produces a
// special token.
import { Tiktoken } from 'js-tiktoken/lite';
import type { TokenizerFile } from '../formats/model/tokenizerPickle';
import { mergeLongPiece } from './longPiece';
import { compileSplitPattern } from './splitPattern';
import { printableBytes } from './tokenText';

export type Tokenizer = {
  /** largest id + 1 */
  vocabSize: number;
  /** ids of a text; `<|bos|>` typed in it is plain characters, never the special token */
  encodeOrdinary: (text: string) => number[];
  /** bytes of a token; a special token's are its name. Throws RangeError for an unknown id. */
  tokenBytes: (tokenId: number) => Uint8Array;
  /** text of all bytes together; what is not UTF-8 becomes U+FFFD */
  decode: (tokenIds: ArrayLike<number>) => string;
  /** one token for display: bytes that do not form a whole character as ⟨E2 80⟩ */
  tokenText: (tokenId: number) => string;
  /** Text that each token adds. A character split over tokens comes with the one that completes it, and
   *  trailing incomplete bytes are held back: longer input never changes earlier texts. */
  decodeTokens: (tokenIds: ArrayLike<number>) => string[];
  /** Throws RangeError if the tokenizer has no special token of that name. */
  specialTokenId: (name: string) => number;
  isSpecial: (tokenId: number) => boolean;
};

/** Longer pieces (bytes) go to mergeLongPiece: js-tiktoken takes 0.1 ms at 48 bytes, 1.3 ms at 200 (a
 *  2-core CPU), and grows with the cube of the length. */
const LONG_PIECE = 32;
/** pieces cached: the words of a corpus */
const MAX_CACHED_PIECES = 100_000;

/** Throws FormatError if the split pattern is not understood. */
export function makeTokenizer(file: TokenizerFile): Tokenizer {
  const bytesOf = tokenTable(file);
  const specialNames = new Map([...file.specialTokens].map(([name, id]) => [id, name]));
  const tokenBytes = (tokenId: number) => {
    const bytes = bytesOf[tokenId];
    if (bytes !== undefined) return bytes;
    throw new RangeError(`token id must be one of 0 to ${bytesOf.length - 1}: ${tokenId}`);
  };
  return {
    vocabSize: bytesOf.length,
    encodeOrdinary: makeEncoder(file),
    tokenBytes,
    decode: (tokenIds) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(join(tokenIds, tokenBytes)),
    tokenText: (tokenId) => specialNames.get(tokenId) ?? printableBytes(tokenBytes(tokenId)),
    decodeTokens: (tokenIds) => {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      return Array.from(tokenIds, (id) => decoder.decode(tokenBytes(id), { stream: true }));
    },
    specialTokenId: (name) => {
      const id = file.specialTokens.get(name);
      if (id !== undefined) return id;
      throw new RangeError(
        `special token ${name}: this tokenizer has only ${[...file.specialTokens.keys()].join(' ')}`,
      );
    },
    isSpecial: (tokenId) => specialNames.has(tokenId),
  };
}

/** Bytes by id. Ids need not be contiguous: a gap stays undefined. */
function tokenTable(file: TokenizerFile): (Uint8Array | undefined)[] {
  const table: (Uint8Array | undefined)[] = [];
  for (const [bytes, id] of file.ranks) table[id] = bytes;
  const encoder = new TextEncoder();
  for (const [name, id] of file.specialTokens) table[id] = encoder.encode(name);
  return table;
}

function join(
  tokenIds: ArrayLike<number>,
  tokenBytes: (tokenId: number) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const parts = Array.from(tokenIds, tokenBytes);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** Splits, then looks each piece up, whole or merged. Pieces repeat, so their ids are kept. */
function makeEncoder(file: TokenizerFile): (text: string) => number[] {
  const pattern = compileSplitPattern(file.patStr);
  const rankOf = new Map(file.ranks.map(([bytes, rank]) => [latin1(bytes), rank]));
  const merge = makeMerge(file, rankOf);
  const utf8 = new TextEncoder();
  let cache = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const bytes = utf8.encode(piece);
    const whole = rankOf.get(latin1(bytes));
    const ids = whole !== undefined ? [whole] : merge(piece, bytes);
    if (cache.size >= MAX_CACHED_PIECES) cache = new Map();
    if (bytes.length <= LONG_PIECE) cache.set(piece, ids);
    return ids;
  };
  return (text) => {
    const ids: number[] = [];
    for (const piece of text.match(pattern) ?? [])
      for (const id of encodePiece(piece)) ids.push(id);
    return ids;
  };
}

function makeMerge(file: TokenizerFile, rankOf: ReadonlyMap<string, number>) {
  // Pieces are passed one at a time, so js-tiktoken's pattern matches the whole text, and its only
  // special token is one that no text can contain: an empty list would make its search visit every character.
  const library = new Tiktoken({
    pat_str: '[^]+',
    special_tokens: { '\ud800': -1 },
    bpe_ranks: file.ranks.map(([bytes, rank]) => `! ${rank} ${btoa(latin1(bytes))}`).join('\n'),
  });
  return (piece: string, bytes: Uint8Array): number[] =>
    bytes.length > LONG_PIECE
      ? mergeLongPiece(latin1(bytes), (key) => rankOf.get(key))
      : library.encode(piece, [], []);
}

/** One UTF-16 unit per byte: a string key of a byte string. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
