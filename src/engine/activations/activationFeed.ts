// Turns text into activations: packed sequences → model capture → rows for the ring. Its position is
// a pure function of the block number, so a resumed run sees exactly the same data as an uninterrupted one.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import type { ActivationRing } from '../../core/train/activationRing';
import { makeRingText, noteRingRows, type RingText } from '../../core/text/ringText';
import { ringBlocks, type BlockShape, type RingBlock } from '../../core/train/ringBlocks';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { CorpusPacker, PackedCorpus } from '../text/corpusHost';
import type { KeptBlock, KeptStream } from './keptActivations';

/** What progress counts: rows of a file stand in the places of tokens. */
export function countedUnit({ predicts }: ModelRuntime): 'tokens' | 'rows' {
  return predicts === false ? 'rows' : 'tokens';
}

/** Tokens in one forward pass. Fixed: another batch shape may round differently. */
const TOKENS_PER_PASS = 1024;

function sequencesPerPass(corpus: PackedCorpus): number {
  return Math.max(1, Math.floor(TOKENS_PER_PASS / corpus.contextSize));
}

export type CapturedRows = {
  /** [sequences · contextSize, d_model] */
  activations: Matrix;
  /** rows that hold counted tokens, ascending */
  rows: Uint32Array;
  tokenIds: Int32Array;
};

/** Rows of several hook points from one forward pass, in the order of the given hooks. */
type CapturedHooks = Omit<CapturedRows, 'activations'> & { activations: readonly Matrix[] };

type CaptureRequest = {
  runtime: ModelRuntime;
  corpus: PackedCorpus;
  hooks: readonly HookPoint[];
};

type ListedRows = Omit<CapturedRows, 'activations'>;

/** Tokens and counted rows of sequences first … first+count−1. */
function listSequences(corpus: PackedCorpus, first: number, count: number): ListedRows {
  const tokenIds = new Int32Array(count * corpus.contextSize);
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    tokenIds.set(corpus.sequence(first + i), i * corpus.contextSize);
    for (const position of corpus.countedPositions(first + i)) {
      rows.push(i * corpus.contextSize + position);
    }
  }
  return { tokenIds, rows: Uint32Array.from(rows) };
}

/** One forward pass over what was listed of `count` sequences. */
async function captureSequences<T>(
  o: Omit<CaptureRequest, 'corpus'> & { listed: ListedRows; count: number },
  use: (captured: CapturedHooks) => Promise<T> | T,
): Promise<T> {
  const { listed, count } = o;
  const capture = await o.runtime.capture(listed.tokenIds, count, o.hooks);
  try {
    const activations = o.hooks.map((hook) => {
      const matrix = capture.hooks.get(hook);
      invariant(matrix !== undefined, `${hook} was not captured`);
      return matrix;
    });
    return await use({ ...listed, activations });
  } finally {
    capture.release();
  }
}

/** Visits the sequences of passes until `visit` returns false (then true) or the corpus ends (false). */
async function forEachPass(
  corpus: PackedCorpus,
  from: number,
  visit: (listed: ListedRows, first: number, count: number) => Promise<boolean>,
): Promise<boolean> {
  const batch = sequencesPerPass(corpus);
  for (let first = from; first < corpus.count; first += batch) {
    const count = Math.min(batch, corpus.count - first);
    if (!(await visit(listSequences(corpus, first, count), first, count))) return true;
  }
  return false;
}

/** The same, with what the model makes of them. */
export function forEachHooksCapture(
  o: CaptureRequest & { from?: number },
  visit: (captured: CapturedHooks, first: number, count: number) => Promise<boolean> | boolean,
): Promise<boolean> {
  return forEachPass(o.corpus, o.from ?? 0, (listed, first, count) =>
    captureSequences({ ...o, listed, count }, (captured) => visit(captured, first, count)),
  );
}

/** The same for one hook point. */
export function forEachCapture(
  o: { runtime: ModelRuntime; corpus: PackedCorpus; hook: HookPoint; from?: number },
  visit: (captured: CapturedRows, first: number, count: number) => Promise<boolean> | boolean,
): Promise<boolean> {
  return forEachHooksCapture({ ...o, hooks: [o.hook] }, (captured, first, count) =>
    visit({ ...captured, activations: elementAt(captured.activations, 0) }, first, count),
  );
}

/** What determines the stream of activations on which one or more runs are trained. */
export type FeedStream = Pick<SaeConfig, 'seed' | 'contextSize' | 'prependBos' | keyof BlockShape>;

/** Some rows of a block, the listed ones of each hook's activations. */
export type BlockRows = {
  activations: readonly Matrix[];
  rows: Uint32Array;
  /** which row of the block the first of them is */
  firstRow: number;
  /** a ring held them before: they are scaled and rounded */
  isScaled: boolean;
};

/** Activations of one or more hook points; all lists are in the order of the hooks. */
export type ActivationFeed = {
  /** The block as an earlier run read it; null: some hook's is not kept, or has another scale than the given ones. */
  held?: (
    block: RingBlock,
    scales: readonly number[] | null,
  ) => Promise<readonly KeptBlock[] | null>;
  /** Hands over a block of the run, pass by pass, in order, as far as possible from what is held; false if `take`, which
   *  may use the rows until it resolves, ended it before all were there. */
  readBlock: (
    block: RingBlock,
    take: (rows: BlockRows) => Promise<boolean>,
    held?: readonly KeptBlock[] | null,
  ) => Promise<boolean>;
  /** Keeps what full rings hold for later runs, where there is room; calibrations: of the block, or none. */
  keep?: (
    block: RingBlock,
    rings: readonly ActivationRing[],
    measured: { scales: readonly number[]; calibrations: readonly Calibration[] },
  ) => Promise<void>;
  /** The tokens of the rows of the latest block; null if there is no text. */
  ringText: () => RingText | null;
};

/** One forward pass of the model serves all hooks. */
export function createActivationFeed(o: {
  stream: FeedStream;
  hooks: readonly HookPoint[];
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  corpusHost: CorpusPacker;
  /** of each hook; absent: nothing is kept */
  kept?: readonly KeptStream[];
}): ActivationFeed {
  const { stream, hooks, runtime, corpusHost, tokenizer, kept = [] } = o;
  let text: RingText | null = null;
  const packs = new Map<number, Promise<PackedCorpus>>();
  const pack = (epoch: number) => {
    const held = packs.get(epoch);
    if (held !== undefined) return held;
    packs.clear(); // one epoch is in use at a time
    const { contextSize, prependBos, seed } = stream;
    const made = corpusHost.pack(tokenizer, 'train', { contextSize, prependBos, seed, epoch });
    packs.set(epoch, made);
    return made;
  };

  /** The sequences of block 0, 1, …: whole passes until it is full; the excess is dropped. */
  const starts: Cursor[] = [{ epoch: 0, sequence: 0 }];
  const blockStart = async (index: number): Promise<Cursor> => {
    for (const block of ringBlocks(stream)) {
      const found = starts[block.index];
      if (block.index === index && found !== undefined) return found;
      starts[block.index + 1] ??= await skipRows(elementAt(starts, block.index), block.rows, pack);
    }
    return elementAt(starts, index);
  };

  return {
    held: (block, scales) =>
      ofAll(kept, (stream, i) =>
        stream.block(block, scales === null ? null : elementAt(scales, i)),
      ),

    async readBlock(block, take, held = null) {
      let { epoch, sequence } = await blockStart(block.index);
      let filled = 0;
      // A new table, because the old block's may still be in use.
      const noted = makeRingText(stream.ringRows);
      text = noted;
      for (;;) {
        const corpus = await pack(epoch);
        const { contextSize } = corpus;
        const isEnded = await forEachPass(corpus, sequence, async (listed, _, count) => {
          const rows = listed.rows.subarray(0, block.rows - filled);
          const firstRow = filled;
          noteRingRows(noted, { first: firstRow, rows, tokenIds: listed.tokenIds, contextSize });
          filled += rows.length;
          const known = await heldRows(held, firstRow, rows.length);
          const isWanted =
            known === null
              ? await captureSequences({ runtime, hooks, listed, count }, ({ activations }) =>
                  take({ activations, rows, firstRow, isScaled: false }),
                )
              : await take({ ...known, firstRow, isScaled: true });
          return isWanted && filled < block.rows;
        });
        if (isEnded) return filled === block.rows;
        epoch++;
        sequence = 0;
      }
    },

    async keep(block, rings, { scales, calibrations }) {
      for (const [i, one] of kept.entries()) {
        const calibration = calibrations[i] ?? null;
        await one.keepBlock(block, elementAt(rings, i), {
          scale: elementAt(scales, i),
          calibration,
        });
      }
    },
    ringText: () => text,
  };
}

/** What every hook's stream has; null where one has not, or none is kept. */
async function ofAll<T>(
  kept: readonly KeptStream[],
  ask: (stream: KeptStream, index: number) => Promise<T | null>,
): Promise<T[] | null> {
  const answers: T[] = [];
  for (const [i, stream] of kept.entries()) {
    const answer = await ask(stream, i);
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers.length === 0 ? null : answers;
}

/** Rows of every hook as the rings held them; null: the model has to be asked, because one of the files is gone. */
async function heldRows(held: readonly KeptBlock[] | null, first: number, count: number) {
  if (held === null) return null;
  const data = await Promise.all(held.map((block) => block.rows(first, count)));
  const activations = data.flatMap((values) =>
    values === null
      ? []
      : [{ where: 'cpu' as const, rows: count, cols: values.length / count, data: values }],
  );
  if (activations.length < data.length) return null;
  return { activations, rows: Uint32Array.from({ length: count }, (_, i) => i) };
}

type Cursor = { epoch: number; sequence: number };

/** Start of the next block: the first batch boundary after `rows` counted rows. */
async function skipRows(
  cursor: Cursor,
  rows: number,
  pack: (epoch: number) => Promise<PackedCorpus>,
): Promise<Cursor> {
  let { epoch, sequence } = cursor;
  let passed = 0;
  for (;;) {
    const corpus = await pack(epoch);
    const batch = sequencesPerPass(corpus);
    for (; sequence < corpus.count; sequence += batch) {
      if (passed >= rows) return { epoch, sequence };
      const end = Math.min(corpus.count, sequence + batch);
      for (let i = sequence; i < end; i++) passed += corpus.countedPositions(i).length;
    }
    if (passed >= rows) return { epoch: epoch + 1, sequence: 0 };
    epoch++;
    sequence = 0;
  }
}
