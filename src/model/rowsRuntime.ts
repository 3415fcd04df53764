// Rows of another tool in the place of a running model: a row's number stands for a token, and every hook point holds
// the row itself. There is nothing to predict, and what asks for predictions is told so.
import { NO_MODEL } from '../core/evaluate/evaluation';
import { ConfigError } from '../core/errors';
import type { NanochatCheckpoint, NanochatRevision } from '../core/model/nanochat';
import type { ModelRuntime } from './modelTypes';
import type { Tokenizer } from './tokenizer';

/** Before every row, as <|bos|> is before a text: a sequence is this mark and one row. */
const MARK = '<|bos|>';
const SEQUENCE = 2;
/** Rows that a text may mean: enough to see what they have in common. */
const MOST_FOUND = 64;

export type RowsMatrix = { rows: number; width: number; data: Float32Array };

/** Throws what needs the language model that the rows came from. */
function refuse(): Promise<never> {
  return Promise.reject(
    new ConfigError(
      'Rows of a file are open, without the language model that they came from: nothing predicts a next token here. Open a model.',
      'model',
    ),
  );
}

export function createRowsRuntime(
  { rows, width, data }: RowsMatrix,
  checkpoint: NanochatCheckpoint,
): ModelRuntime {
  return {
    checkpoint,
    backend: 'wasm',
    provider: () => NO_MODEL,
    weightPrecision: 'f32',
    predicts: false,
    capture(tokenIds, _count, hooks) {
      const found = new Float32Array(tokenIds.length * width);
      tokenIds.forEach((row, i) => {
        if (row < rows) found.set(data.subarray(row * width, (row + 1) * width), i * width);
      });
      const x = { where: 'cpu', rows: tokenIds.length, cols: width, data: found } as const;
      return Promise.resolve({
        hooks: new Map(hooks.map((hook) => [hook, x])),
        release: () => undefined,
      });
    },
    logits: refuse,
    startDecode: refuse,
    dispose: () => Promise.resolve(),
  };
}

/** What a checkpoint of such rows would say of its shape; it has no weights. */
export function rowsCheckpoint(
  { rows, width }: RowsMatrix,
  byteLength: number,
  revision: NanochatRevision,
): NanochatCheckpoint {
  return {
    config: {
      sequence_len: SEQUENCE,
      vocab_size: rows + 1,
      n_layer: 1,
      n_head: 1,
      n_kv_head: 1,
      n_embd: width,
      window_pattern: 'L',
    },
    revision,
    step: null,
    valBpb: null,
    parameterCount: 0,
    byteLength,
    tensors: new Map(),
  };
}

/** Row number ↔ what the row is called. A text means the rows called so, or the one of “row 17”. */
export function makeRowsTokenizer(rows: number, nameOf: (row: number) => string): Tokenizer {
  const encoder = new TextEncoder();
  const textOf = (tokenId: number) => {
    if (tokenId === rows) return MARK;
    if (Number.isInteger(tokenId) && tokenId >= 0 && tokenId < rows) return nameOf(tokenId);
    throw new RangeError(`row must be one of 0 to ${rows - 1}: ${tokenId}`);
  };
  return {
    vocabSize: rows + 1,
    encodeOrdinary: (text) => rowsCalled(text, rows, nameOf),
    tokenBytes: (tokenId) => encoder.encode(textOf(tokenId)),
    decode: (tokenIds) => Array.from(tokenIds, textOf).join(' '),
    tokenText: textOf,
    decodeTokens: (tokenIds) => Array.from(tokenIds, textOf),
    specialTokenId(name) {
      if (name === MARK) return rows;
      throw new RangeError(`rows have no special token ${name}`);
    },
    isSpecial: (tokenId) => tokenId === rows,
  };
}

function rowsCalled(text: string, rows: number, nameOf: (row: number) => string): number[] {
  const wanted = text.trim().toLowerCase();
  const numbered = /^row (\d+)$/.exec(wanted);
  if (numbered !== null) return Number(numbered[1]) < rows ? [Number(numbered[1])] : [];
  const found: number[] = [];
  for (let row = 0; wanted !== '' && row < rows && found.length < MOST_FOUND; row++) {
    if (nameOf(row).toLowerCase().includes(wanted)) found.push(row);
  }
  return found;
}
