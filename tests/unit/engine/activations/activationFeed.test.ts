import { describe, expect, it } from 'vitest';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import {
  createActivationFeed,
  type ActivationFeed,
  type FeedStream,
} from '../../../../src/engine/activations/activationFeed';
import type { CorpusHost, PackedCorpus } from '../../../../src/engine/text/corpusHost';
import { ringBlocks, type BlockShape, type RingBlock } from '../../../../src/core/train/ringBlocks';
import type { ModelRuntime } from '../../../../src/model/modelTypes';
import type { Tokenizer } from '../../../../src/model/tokenizer';

const CONTEXT = 256;
const RING_ROWS = 1500;
/** 11 sequences of 256 tokens, the first of each special: 2,805 counted tokens an epoch. */
const SEQUENCES = 11;

const HOOK = 'blocks.0.hook_resid_post';
const config = makeSaeConfig({
  hookPoint: HOOK,
  d_in: 1,
  d_sae: 4,
  k: 1,
  tokens: 100_000,
  batchSize: 500,
  ringRows: RING_ROWS,
  seed: 1,
  contextSize: CONTEXT,
});

/** Token ids are unique over epochs, so that an activation tells where it came from. */
function packEpoch(epoch: number): PackedCorpus {
  const first = epoch * SEQUENCES * CONTEXT;
  return {
    contextSize: CONTEXT,
    count: SEQUENCES,
    sequence: (index) =>
      Int32Array.from({ length: CONTEXT }, (_, i) => first + index * CONTEXT + i),
    countedPositions: () => Uint32Array.from({ length: CONTEXT - 1 }, (_, i) => i + 1),
  };
}

function activationsOf(tokenIds: Int32Array, ofSpecial: number): Float32Array {
  return Float32Array.from(tokenIds, (id) => (id % CONTEXT === 0 ? ofSpecial : id));
}

/** A model whose activation is the token id itself, but for the special token that begins each sequence. */
function makeFeed(
  ofSpecial = 0,
  o: { prependBos?: boolean; asked?: object[]; stream?: FeedStream } = {},
): ActivationFeed {
  const corpusHost = {
    pack: (_tokenizer: Tokenizer, _split: string, request: { epoch: number }) => {
      o.asked?.push(request);
      return Promise.resolve(packEpoch(request.epoch));
    },
  } as unknown as CorpusHost;
  const runtime = {
    capture: (tokenIds: Int32Array) =>
      Promise.resolve({
        hooks: new Map([
          [
            HOOK,
            {
              where: 'cpu',
              rows: tokenIds.length,
              cols: 1,
              data: activationsOf(tokenIds, ofSpecial),
            },
          ],
        ]),
        release: () => undefined,
      }),
  } as unknown as ModelRuntime;
  return createActivationFeed({
    stream: { ...(o.stream ?? config), prependBos: o.prependBos ?? true },
    hooks: [HOOK],
    runtime,
    corpusHost,
    tokenizer: {} as Tokenizer,
  });
}

async function fill(
  feed: ActivationFeed,
  index: number,
  goOn = () => true,
  shape: BlockShape = config,
): Promise<number[]> {
  const rows: number[] = [];
  const isFilled = await feed.readBlock(
    blockOf(index, shape),
    ({ activations: [x], rows: indices, firstRow }) => {
      const { data } = x as { data: Float32Array };
      indices.forEach((row, i) => {
        rows[firstRow + i] = data[row]!;
      });
      return Promise.resolve(goOn());
    },
  );
  expect(isFilled).toBe(goOn());
  return rows;
}

function blockOf(index: number, shape: BlockShape): RingBlock {
  for (const block of ringBlocks(shape)) if (block.index === index) return block;
  throw new Error('unreachable');
}

describe('activation feed', () => {
  it('fills each block with new counted tokens, over the end of an epoch', async () => {
    const feed = makeFeed();
    const seen = new Set<number>();
    for (let block = 0; block < 6; block++) {
      const rows = await fill(feed, block);
      expect(rows).toHaveLength(RING_ROWS);
      for (const token of rows) {
        expect(token % CONTEXT, 'special tokens are not counted').not.toBe(0);
        expect(seen.has(token), `token ${token} came twice`).toBe(false);
        seen.add(token);
      }
    }
    // Two blocks do not fit one epoch, so six of them take at least four.
    expect(Math.max(...seen)).toBeGreaterThan(3 * SEQUENCES * CONTEXT);
  });

  it('reads a growing run without a gap between its blocks', async () => {
    const growing = { ...config, firstBlockRows: 500 };
    const whole = await fill(makeFeed(), 0);
    const feed = makeFeed(0, { stream: growing });
    const [first, second] = [0, 1].map((index) => fill(feed, index, () => true, growing));
    expect(await first).toEqual(whole.slice(0, 500));
    expect(await second).toHaveLength(1000);
    // Whole passes of 1,020 counted tokens: the rest of the first one is dropped.
    expect((await second)!.slice(0, 480)).toEqual(whole.slice(1020));
  });

  it('finds any block again without having filled the ones before', async () => {
    const straight = makeFeed();
    const blocks: number[][] = [];
    for (let block = 0; block < 5; block++) blocks.push(await fill(straight, block));
    for (const block of [4, 2, 3]) expect(await fill(makeFeed(), block)).toEqual(blocks[block]);
  });

  // sae.md §11: BatchTopK gives its budget to the largest of a batch, and a BOS outshines all of them.
  it('one BOS in a batch changes no row of it, so no kept latent elsewhere', async () => {
    for (const block of [0, 3]) {
      expect(await fill(makeFeed(1e9), block)).toEqual(await fill(makeFeed(), block));
    }
  });

  it.each([true, false])(
    'packs the text as its run says: prependBos %s (7.11)',
    async (prependBos) => {
      const asked: object[] = [];
      await fill(makeFeed(0, { prependBos, asked }), 0);
      expect(asked).toEqual([{ contextSize: CONTEXT, prependBos, seed: 1, epoch: 0 }]);
    },
  );

  it('ends a fill when told to, and says so', async () => {
    expect((await fill(makeFeed(), 0, () => false)).length).toBeLessThan(RING_ROWS);
  });
});
