// Rows of another tool in the place of a text: each row is a sequence of its own. Rows of one document, picture or
// recording stay on one side of what is held out, where there are enough of them.
import { ConfigError } from '../../core/errors';
import { seededPermutation } from '../../core/numeric/rng';
import { isHeldOut } from '../../core/text/corpus';
import type { CorpusFacts } from './api';
import type { OpenCorpus } from './corpusHost';

/** Fewer held-out documents would show too little of what there is: then every tenth row is held out. */
const ENOUGH_DOCUMENTS = 10;
const EVERY = 10;

export function openRowsCorpus(o: {
  id: string;
  name: string;
  rows: number;
  /** what a row belongs to: rows of the same are held out together */
  documentOf: (row: number) => string;
  /** as a line of the list */
  describe: (row: number) => object;
  nameOf: (row: number) => string;
}): OpenCorpus {
  const { id, name, rows } = o;
  const facts: CorpusFacts = {
    id,
    name,
    isDemo: false,
    documents: rows,
    characters: 0,
    tokens: rows,
    sample: o.nameOf(0),
    notes: [],
  };
  const { train, heldOut } = splitRows(rows, o.documentOf);
  const parts = { train, heldOut, all: Uint32Array.from({ length: rows }, (_, row) => row) };
  const linesOf = (part: Uint32Array) =>
    new Blob(
      Array.from(part, (row) => `${JSON.stringify(o.describe(row))}\n`),
      { type: 'application/jsonl' },
    );
  return {
    facts: () => facts,
    toJsonl: () => Promise.resolve(linesOf(parts.all)),
    trainingJsonl: () => Promise.resolve({ blob: linesOf(train), documents: train.length }),
    checkLength() {
      if (heldOut.length > 0) return;
      throw new ConfigError(`rows: ${rows}; training needs 2 or more, to hold one out`, 'corpus');
    },
    count: () => Promise.resolve(),
    forgetTokens: () => undefined,
    pack(tokenizer, split, { seed, epoch }) {
      const part = parts[split];
      const mark = tokenizer.specialTokenId('<|bos|>');
      const order = seededPermutation(part.length, seed, epoch);
      const counted = Uint32Array.of(1);
      return Promise.resolve({
        contextSize: 2,
        count: part.length,
        sequence: (index) => Int32Array.of(mark, part[order[index] ?? 0] ?? 0),
        countedPositions: () => counted,
      });
    },
  };
}

function splitRows(rows: number, documentOf: (row: number) => string) {
  const split = (isOut: (row: number) => boolean) => {
    const [train, heldOut]: [number[], number[]] = [[], []];
    for (let row = 0; row < rows; row++) (isOut(row) ? heldOut : train).push(row);
    return { train: Uint32Array.from(train), heldOut: Uint32Array.from(heldOut) };
  };
  const byDocument = split((row) => isHeldOut(documentOf(row)));
  const documents = new Set(Array.from(byDocument.heldOut, documentOf));
  if (documents.size >= ENOUGH_DOCUMENTS && byDocument.train.length > 0) return byDocument;
  return split((row) => row % EVERY === Math.min(rows, EVERY) - 1 && row > 0);
}
