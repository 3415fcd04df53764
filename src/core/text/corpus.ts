// Text for training and evaluation as token sequences: which documents are held out, in which order the
// rest is read, how it is packed. Knows token ids only; the tokenizer encodes.
import { ConfigError } from '../errors';
import { hash32, seededPermutation } from '../numeric/rng';

/** Share of documents that training never sees. */
const HELD_OUT_FRACTION = 0.1;

/** Splits documents by a hash of their own text, so that a document stays on its side whatever is
 *  added, and a repeated document is never on both sides. */
export function splitDocuments(
  docs: readonly string[],
  heldOutFraction = HELD_OUT_FRACTION,
): { train: string[]; heldOut: string[] } {
  return splitBelow(docs, docs.map(documentHash), heldOutFraction * 2 ** 32);
}

/** Whether a document of this text is held out. */
export function isHeldOut(text: string): boolean {
  return documentHash(text) < HELD_OUT_FRACTION * 2 ** 32;
}

/** Held-out characters that are enough to measure on: about 1,000 tokens. */
const ENOUGH_HELD_OUT = 4000;

/** Like splitDocuments, for corpora that may be small: if it holds out less than ENOUGH_HELD_OUT (or
 *  everything), the documents of the lowest hashes are held out until the fraction is reached. Both sides
 *  have text unless all documents are the same. `isUsual`: the split equals splitDocuments', and stays so
 *  when documents are added, because they move none from one side to the other. */
export function splitFewDocuments(
  docs: readonly string[],
  heldOutFraction = HELD_OUT_FRACTION,
): { train: string[]; heldOut: string[]; isUsual: boolean } {
  const hashes = docs.map(documentHash);
  const usual = splitBelow(docs, hashes, heldOutFraction * 2 ** 32);
  const isUsual = lengthOf(usual.heldOut) >= ENOUGH_HELD_OUT && usual.train.length > 0;
  if (isUsual) return { ...usual, isUsual };
  const wanted = heldOutFraction * lengthOf(docs);
  const order = Array.from(docs.keys()).sort((a, b) => hashes[a]! - hashes[b]!);
  const highest = hashes[order.at(-1) ?? 0] ?? 0;
  let limit = 0;
  let held = 0;
  for (const i of order) {
    // Repeats of a document share its hash and go to the same side, even if the count is exceeded.
    if (hashes[i]! === highest || (held >= wanted && hashes[i]! >= limit)) break;
    held += docs[i]!.length;
    limit = hashes[i]! + 1;
  }
  return { ...splitBelow(docs, hashes, limit), isUsual: false };
}

function splitBelow(docs: readonly string[], hashes: readonly number[], limit: number) {
  const train: string[] = [];
  const heldOut: string[] = [];
  for (const [i, doc] of docs.entries()) (hashes[i]! < limit ? heldOut : train).push(doc);
  return { train, heldOut };
}

function lengthOf(docs: readonly string[]): number {
  return docs.reduce((sum, doc) => sum + doc.length, 0);
}

/** FNV-1a over UTF-16 code units, mixed to a uniform u32. */
function documentHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return hash32(h >>> 0, text.length);
}

export type PackOptions = {
  /** id inserted before every document */
  bos: number;
  /** tokens per sequence */
  contextSize: number;
  seed: number;
  /** number of the pass over the corpus, from 0; each has its own order */
  epoch: number;
  /** every sequence begins with `bos` too, default true. False is how SAEs were trained before: a stream of documents
   *  cut anywhere. */
  prependBos?: boolean;
};

/** Documents in an order fixed by (seed, epoch), each preceded by `bos`, cut every contextSize tokens; a sequence that
 *  begins within a document is led by `bos` as well, so that no token is ever read without one before it. The last
 *  partial sequence is dropped. sequences: [count, contextSize], row-major.
 *  Throws ConfigError if contextSize is below 2. */
export function packSequences(
  docs: readonly ArrayLike<number>[],
  { bos, contextSize, seed, epoch, prependBos = true }: PackOptions,
): { sequences: Int32Array; count: number } {
  if (!Number.isInteger(contextSize) || contextSize < 2) {
    throw new ConfigError(
      `contextSize must be a whole number from 2: ${contextSize}`,
      'contextSize',
    );
  }
  let total = 0;
  for (const doc of docs) total += doc.length + 1;
  // At most one more `bos` for every contextSize − 1 tokens.
  const stream = new Int32Array(total + Math.ceil(total / (contextSize - 1)));
  let at = 0;
  for (const index of seededPermutation(docs.length, seed, epoch)) {
    const doc = docs[index]!;
    stream[at++] = bos;
    for (let i = 0; i < doc.length; i++) {
      if (prependBos && at % contextSize === 0) stream[at++] = bos;
      stream[at++] = doc[i]!;
    }
  }
  const count = Math.floor(at / contextSize);
  return { sequences: stream.slice(0, count * contextSize), count };
}

/** Flat positions of counted tokens (sae.md §1: the non-special ones), ascending. */
export function countedPositions(
  sequences: Int32Array,
  isSpecial: (tokenId: number) => boolean,
): Uint32Array {
  const positions = new Uint32Array(sequences.length);
  let n = 0;
  for (let i = 0; i < sequences.length; i++) if (!isSpecial(sequences[i]!)) positions[n++] = i;
  return positions.slice(0, n);
}
