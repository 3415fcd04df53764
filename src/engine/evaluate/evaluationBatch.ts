// One batch of an evaluation: its tokens, which of its rows count, and edits that put something else in a place of the
// model. Knows neither SAEs nor metrics.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Edit } from '../../model/modelTypes';
import type { PackedCorpus } from '../text/corpusHost';

/** Most tokens of one forward pass, and most bytes of its logits: three such arrays exist at once. */
const TOKENS_PER_PASS = 1024;
const LOGIT_BYTES = 64 * 2 ** 20;

export function sequencesPerPass(contextSize: number, vocabSize: number): number {
  const tokens = Math.min(TOKENS_PER_PASS, Math.floor(LOGIT_BYTES / (4 * vocabSize)));
  return Math.max(1, Math.floor(tokens / contextSize));
}

export type Batch = {
  tokenIds: Int32Array;
  /** rows of counted tokens, ascending */
  rows: Uint32Array;
  /** rows whose next token in the sequence is counted too, and that token */
  predicting: number[];
  targets: number[];
};

export function readBatch(corpus: PackedCorpus, first: number, count: number): Batch {
  const { contextSize } = corpus;
  const tokenIds = new Int32Array(count * contextSize);
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    tokenIds.set(corpus.sequence(first + i), i * contextSize);
    for (const position of corpus.countedPositions(first + i))
      rows.push(i * contextSize + position);
  }
  // Rows ascend: the next row in the list is the next position, unless a sequence ends in between.
  const predicting = rows.filter(
    (row, i) => rows[i + 1] === row + 1 && (row + 1) % contextSize !== 0,
  );
  const targets = predicting.map((row) => tokenIds[row + 1] ?? 0);
  return { tokenIds, rows: Uint32Array.from(rows), predicting, targets };
}

export function replaceBy(hook: HookPoint, data: () => Float32Array): Edit {
  return { hook, apply: ({ rows, cols }) => ({ where: 'cpu', rows, cols, data: data() }) };
}

export function takeRows(all: Float32Array, rows: Uint32Array, d: number): Float32Array {
  const taken = new Float32Array(rows.length * d);
  rows.forEach((row, i) => taken.set(all.subarray(row * d, (row + 1) * d), i * d));
  return taken;
}

/** A copy with these rows replaced, or zeroed without a replacement. */
export function withRows(
  all: Float32Array,
  rows: Uint32Array,
  d: number,
  replacement: Float64Array | null,
): Float32Array<ArrayBuffer> {
  const copy = new Float32Array(all);
  rows.forEach((row, i) => {
    if (replacement === null) copy.fill(0, row * d, (row + 1) * d);
    else copy.set(replacement.subarray(i * d, (i + 1) * d), row * d);
  });
  return copy;
}
