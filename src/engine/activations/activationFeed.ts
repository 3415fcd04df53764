// Turns text into activations: packed sequences → model capture → rows for the ring. Its position is
// a pure function of the block number, so a resumed run sees exactly the same data as an uninterrupted one.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { Matrix } from '../../core/handles';
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Calibration, SaeConfig } from '../../core/sae/sae';
import { makeRingText, noteRingRows, type RingText } from '../../core/text/ringText';
import type { ActivationRing } from '../../core/train/activationRing';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { CorpusPacker, PackedCorpus } from '../text/corpusHost';
import type { KeptBlock, KeptStream } from './keptActivations';

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
export type FeedStream = Pick<
  SaeConfig,
  'seed' | 'contextSize' | 'prependBos' | 'ringRows' | 'calibrationTokens'
>;

/** Activations of one or more hook points; `rings` and what comes with them are in the order of the hooks. */
export type ActivationFeed = {
  calibrate: (
    rings: readonly ActivationRing[],
    onProgress: (tokens: number) => Promise<void>,
  ) => Promise<Calibration[]>;
  /** Fills the rings with block `block` of the token stream; false if `goOn` stopped it before the end. */
  fillBlock: (
    rings: readonly ActivationRing[],
    block: number,
    inputScales: readonly number[],
    goOn: (rows: number) => Promise<boolean>,
  ) => Promise<boolean>;
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

  /** The sequences of block 0, 1, …: whole sequences until the ring is full; the excess is dropped. */
  const starts: Cursor[] = [{ epoch: 0, sequence: 0 }];
  const blockStart = async (block: number): Promise<Cursor> => {
    let cursor = starts[Math.min(block, starts.length - 1)] ?? { epoch: 0, sequence: 0 };
    while (starts.length <= block) {
      cursor = await skipRows(cursor, stream.ringRows, pack);
      starts.push(cursor);
    }
    return cursor;
  };

  return {
    async calibrate(rings, onProgress) {
      const known = await ofAll(kept, (stream) => stream.calibration());
      if (known !== null) return known;
      const corpus = await pack(0);
      let tokens = 0;
      await forEachHooksCapture({ runtime, corpus, hooks }, async ({ activations, rows }) => {
        const wanted = rows.subarray(0, stream.calibrationTokens - tokens);
        for (const [i, ring] of rings.entries()) {
          await ring.measure(elementAt(activations, i), wanted);
        }
        tokens += wanted.length;
        await onProgress(tokens);
        return tokens < stream.calibrationTokens;
      });
      const calibrations = await Promise.all(rings.map((ring) => ring.finish()));
      for (const [i, one] of kept.entries()) {
        await one.keepCalibration(elementAt(calibrations, i));
      }
      return calibrations;
    },

    async fillBlock(rings, block, inputScales, goOn) {
      let { epoch, sequence } = await blockStart(block);
      let filled = 0;
      // A new table, because the old block's may still be in use.
      const noted = makeRingText(stream.ringRows);
      text = noted;
      const blocks = await ofAll(kept, (stream, i) =>
        stream.block(block, elementAt(inputScales, i)),
      );
      for (;;) {
        const corpus = await pack(epoch);
        const { contextSize } = corpus;
        const isEnded = await forEachPass(corpus, sequence, async (listed, _, count) => {
          const rows = listed.rows.subarray(0, stream.ringRows - filled);
          if (!(await appendKept(rings, blocks, filled, rows.length))) {
            await captureSequences({ runtime, hooks, listed, count }, async ({ activations }) => {
              for (const [i, ring] of rings.entries()) {
                const scale = elementAt(inputScales, i);
                await ring.append(elementAt(activations, i), rows, scale, filled);
              }
            });
          }
          noteRingRows(noted, { first: filled, rows, tokenIds: listed.tokenIds, contextSize });
          filled += rows.length;
          return (await goOn(filled)) && filled < stream.ringRows;
        });
        if (isEnded) break;
        epoch++;
        sequence = 0;
      }
      if (filled < stream.ringRows) return false;
      if (blocks === null) {
        for (const [i, one] of kept.entries()) {
          await one.keepBlock(block, elementAt(inputScales, i), elementAt(rings, i));
        }
      }
      return true;
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

/** Rows that are scaled and rounded already. False: the model has to be asked, because one of the files is gone. */
async function appendKept(
  rings: readonly ActivationRing[],
  blocks: readonly KeptBlock[] | null,
  first: number,
  count: number,
): Promise<boolean> {
  if (blocks === null) return false;
  const data = await Promise.all(blocks.map((block) => block.rows(first, count)));
  const whole = data.filter((rows) => rows !== null);
  if (whole.length < data.length) return false;
  const everyRow = Uint32Array.from({ length: count }, (_, i) => i);
  for (const [i, ring] of rings.entries()) {
    const x = { where: 'cpu', rows: count, cols: ring.d, data: elementAt(whole, i) } as const;
    await ring.append(x, everyRow, 1, first);
  }
  return true;
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
