// tokenizer.pkl: a pickle of tiktoken.core.Encoding, read without running anything (nanochat.md 4).
// Encoding and decoding text is the job of `model/tokenizer`.
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';
import { isKind, readPickle } from '../archives/pickle';
import type { PickleDict, PickleValue } from '../archives/pickle';
import type { OpcodeName } from '../archives/pickleOpcodes';

/** What a byte-pair tokenizer is. Ids of ranks and special tokens are distinct; all 256 single bytes
 *  have a rank. */
export type TokenizerFile = {
  name: string;
  /** split pattern in the regex dialect of tiktoken */
  patStr: string;
  /** bytes of a token and its rank, which is its id; ascending by rank */
  ranks: readonly (readonly [Uint8Array, number])[];
  specialTokens: ReadonlyMap<string, number>;
};

const OPCODES: readonly OpcodeName[] = [
  ...(['PROTO', 'FRAME', 'STOP', 'MARK', 'MEMOIZE', 'BINPUT', 'LONG_BINPUT'] as const),
  ...(['BINGET', 'LONG_BINGET', 'BININT', 'BININT1', 'BININT2'] as const),
  ...(['SHORT_BINUNICODE', 'BINUNICODE', 'SHORT_BINBYTES', 'BINBYTES'] as const),
  ...(['EMPTY_TUPLE', 'EMPTY_DICT', 'SETITEM', 'SETITEMS'] as const),
  ...(['STACK_GLOBAL', 'NEWOBJ', 'BUILD'] as const),
];
const ENCODING = 'tiktoken.core.Encoding';
const FIELDS = ['name', 'pat_str', 'mergeable_ranks', 'special_tokens'];
/** enough for 1,000,000 ids at three opcodes each */
const MAX_OPS = 4_000_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** largest id: the limit of a vocabulary here */
const MAX_ID = 1_000_000;
/** bytes of one token; the longest of any known tokenizer has 128 */
const MAX_TOKEN_BYTES = 4096;
/** One distinct character per byte: a cheap string key for bytes. */
const LATIN1 = new TextDecoder('latin1');
const MAX_PATTERN = 10_000;

/** Throws FormatError for anything but a pickled Encoding with sound ranks. */
export function parseTokenizerPickle(bytes: Uint8Array, fileName: string): TokenizerFile {
  if (bytes.length > MAX_BYTES) {
    throw refuse(fileName, `${bytes.length} bytes; a tokenizer has at most ${MAX_BYTES}`);
  }
  const root = readPickle(bytes, {
    fileName,
    // Python 3.14 writes 5 unless told otherwise, with the same opcodes.
    protocols: [4, 5],
    opcodes: OPCODES,
    globals: new Set([ENCODING]),
    maxOps: MAX_OPS,
    newObject: () => ({ kind: 'object', tag: ENCODING, data: null }),
    build: (target, state) => {
      if (!isKind(target, 'object'))
        throw refuse(fileName, 'a state is set on something that is not an Encoding');
      target.data = state;
    },
  });
  const state = isKind(root, 'object') ? (root.data as PickleValue) : null;
  if (!isKind(state, 'dict')) {
    throw refuse(
      fileName,
      `it does not contain a ${ENCODING}; use tokenizer.pkl as nanochat writes it`,
    );
  }
  return tokenizerFile(fields(state, fileName), fileName);
}

function refuse(fileName: string, what: string): FormatError {
  return new FormatError(`${fileName}: ${what}`);
}

function fields(state: PickleDict, fileName: string): Map<string, PickleValue> {
  const map = new Map<string, PickleValue>();
  for (const [key, value] of state.entries) {
    if (typeof key !== 'string' || !FIELDS.includes(key) || map.has(key)) {
      throw refuse(
        fileName,
        `its fields must be ${FIELDS.join(', ')}, each once; found ${typeof key === 'string' ? quote(key) : 'one without a name'}`,
      );
    }
    map.set(key, value);
  }
  return map;
}

function tokenizerFile(map: ReadonlyMap<string, PickleValue>, fileName: string): TokenizerFile {
  const name = map.get('name');
  const patStr = map.get('pat_str');
  const ranks = map.get('mergeable_ranks');
  const special = map.get('special_tokens');
  if (typeof name !== 'string' || typeof patStr !== 'string' || patStr.length > MAX_PATTERN) {
    throw refuse(fileName, 'name or pat_str is missing or not text');
  }
  if (!isKind(ranks, 'dict') || !isKind(special, 'dict')) {
    throw refuse(fileName, 'mergeable_ranks or special_tokens is missing or not a dictionary');
  }
  const taken = new Set<number>();
  return {
    name,
    patStr,
    ranks: readRanks(ranks, taken, fileName),
    specialTokens: readSpecialTokens(special, taken, fileName),
  };
}

function readRanks(
  dict: PickleDict,
  taken: Set<number>,
  fileName: string,
): readonly (readonly [Uint8Array, number])[] {
  const seen = new Set<string>();
  const ranks: [Uint8Array, number][] = [];
  for (const [bytes, rank] of dict.entries) {
    if (!(bytes instanceof Uint8Array) || bytes.length === 0 || bytes.length > MAX_TOKEN_BYTES) {
      throw refuse(
        fileName,
        `a token of mergeable_ranks is not made of 1 to ${MAX_TOKEN_BYTES} bytes`,
      );
    }
    const text = LATIN1.decode(bytes);
    if (seen.has(text)) throw refuse(fileName, `the token ${quote(text)} appears twice`);
    seen.add(text);
    ranks.push([bytes, freshId(rank, taken, fileName)]);
  }
  const single = ranks.filter(([bytes]) => bytes.length === 1).length;
  if (single !== 256) {
    throw refuse(
      fileName,
      `${single} of the 256 single bytes have a rank; some text could not be encoded`,
    );
  }
  return ranks.sort((a, b) => a[1] - b[1]);
}

function readSpecialTokens(
  dict: PickleDict,
  taken: Set<number>,
  fileName: string,
): ReadonlyMap<string, number> {
  const tokens = new Map<string, number>();
  for (const [text, id] of dict.entries) {
    if (typeof text !== 'string' || text === '' || tokens.has(text)) {
      throw refuse(fileName, 'a special token has no text or appears twice');
    }
    tokens.set(text, freshId(id, taken, fileName));
  }
  return tokens;
}

function freshId(id: PickleValue, taken: Set<number>, fileName: string): number {
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MAX_ID) {
    throw refuse(
      fileName,
      `a token id must be a whole number from 0 to ${MAX_ID}: ${typeof id === 'number' ? id : 'something else'}`,
    );
  }
  if (taken.has(id)) throw refuse(fileName, `two tokens have the id ${id}`);
  taken.add(id);
  return id;
}
