// Turns text into activations: packed sequences → model capture → rows for the ring. Where it stands is
// a pure function of the block number, so a resumed run sees exactly what an uninterrupted one would.
import type { Matrix } from '../core/handles';
import type { HookPoint } from '../core/hookPoint';
import type { Calibration, SaeConfig } from '../core/sae';
import type { ActivationRing } from '../gpu/activationRing';
import type { ModelRuntime } from '../model/modelTypes';
import type { Tokenizer } from '../model/tokenizer';
import type { CorpusPacker, PackedCorpus } from './corpusHost';

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

/** One forward pass over sequences first … first+count−1 of the corpus. */
async function captureSequences<T>(
  o: { runtime: ModelRuntime; corpus: PackedCorpus; hook: HookPoint; first: number; count: number },
  use: (captured: CapturedRows) => Promise<T> | T,
): Promise<T> {
  const { corpus, first, count } = o;
  const tokenIds = new Int32Array(count * corpus.contextSize);
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    tokenIds.set(corpus.sequence(first + i), i * corpus.contextSize);
    for (const position of corpus.countedPositions(first + i)) {
      rows.push(i * corpus.contextSize + position);
    }
  }
  const capture = await o.runtime.capture(tokenIds, count, [o.hook]);
  try {
    const activations = capture.hooks.get(o.hook);
    if (activations === undefined) throw new Error(`invariant: ${o.hook} was not captured`);
    return await use({ activations, rows: Uint32Array.from(rows), tokenIds });
  } finally {
    capture.release();
  }
}

/** Visits sequences in batches until `visit` returns false (then true) or the corpus ends (false). */
export async function forEachCapture(
  o: { runtime: ModelRuntime; corpus: PackedCorpus; hook: HookPoint; from?: number },
  visit: (captured: CapturedRows, first: number, count: number) => Promise<boolean> | boolean,
): Promise<boolean> {
  const batch = sequencesPerPass(o.corpus);
  for (let first = o.from ?? 0; first < o.corpus.count; first += batch) {
    const count = Math.min(batch, o.corpus.count - first);
    const goOn = await captureSequences({ ...o, first, count }, (captured) =>
      visit(captured, first, count),
    );
    if (!goOn) return true;
  }
  return false;
}

export type ActivationFeed = {
  calibrate: (
    ring: ActivationRing,
    onProgress: (tokens: number) => Promise<void>,
  ) => Promise<Calibration>;
  /** Fills the whole ring with block `block` of the token stream; false if `goOn` ended it before. */
  fillBlock: (
    ring: ActivationRing,
    block: number,
    inputScale: number,
    goOn: (rows: number) => Promise<boolean>,
  ) => Promise<boolean>;
};

export function createActivationFeed(o: {
  config: SaeConfig;
  runtime: ModelRuntime;
  tokenizer: Tokenizer;
  corpusHost: CorpusPacker;
}): ActivationFeed {
  const { config, runtime, corpusHost, tokenizer } = o;
  const hook = config.hookPoint;
  const packs = new Map<number, Promise<PackedCorpus>>();
  const pack = (epoch: number) => {
    const held = packs.get(epoch);
    if (held !== undefined) return held;
    packs.clear(); // one epoch is in use at a time
    const made = corpusHost.pack(tokenizer, 'train', {
      contextSize: config.contextSize,
      seed: config.seed,
      epoch,
    });
    packs.set(epoch, made);
    return made;
  };

  /** The sequences of block 0, 1, …: whole sequences until the ring is full; what hangs over is dropped. */
  const starts: Cursor[] = [{ epoch: 0, sequence: 0 }];
  const blockStart = async (block: number): Promise<Cursor> => {
    let cursor = starts[Math.min(block, starts.length - 1)] ?? { epoch: 0, sequence: 0 };
    while (starts.length <= block) {
      cursor = await skipRows(cursor, config.ringRows, pack);
      starts.push(cursor);
    }
    return cursor;
  };

  return {
    async calibrate(ring, onProgress) {
      const corpus = await pack(0);
      let tokens = 0;
      await forEachCapture({ runtime, corpus, hook }, async ({ activations, rows }) => {
        const wanted = rows.subarray(0, config.calibrationTokens - tokens);
        ring.measure(activations, wanted);
        tokens += wanted.length;
        await onProgress(tokens);
        return tokens < config.calibrationTokens;
      });
      return ring.finish();
    },

    async fillBlock(ring, block, inputScale, goOn) {
      let { epoch, sequence } = await blockStart(block);
      let filled = 0;
      for (;;) {
        const corpus = await pack(epoch);
        const isEnded = await forEachCapture(
          { runtime, corpus, hook, from: sequence },
          async (captured) => {
            const wanted = captured.rows.subarray(0, config.ringRows - filled);
            ring.append(captured.activations, wanted, inputScale, filled);
            filled += wanted.length;
            return (await goOn(filled)) && filled < config.ringRows;
          },
        );
        if (isEnded) return filled === config.ringRows;
        epoch++;
        sequence = 0;
      }
    },
  };
}

type Cursor = { epoch: number; sequence: number };

/** Where the next block begins: the first batch boundary at which `rows` counted rows have passed. */
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
