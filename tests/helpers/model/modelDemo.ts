// The demo checkpoint and its goldens, as tests of the model read them.
import { openAsBlob, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { readNanochatFolder } from '../../../src/formats/model/nanochatFolder';
import { parseTokenizerPickle } from '../../../src/formats/model/tokenizerPickle';
import { mlpInput, streamBefore } from '../mlpInput';
import { makeTokenizer, type Tokenizer } from '../../../src/model/tokenizer';

const DEMO = 'public/demo/nanochat-d4';
const DEMO_WIDTH = 256;
const GOLDENS = 'tests/fixtures/goldens';

export async function readDemoCheckpoint(): Promise<NanochatCheckpoint> {
  const files = await Promise.all(
    (await readdir(DEMO)).map(async (path) => ({
      path,
      blob: await openAsBlob(`${DEMO}/${path}`),
    })),
  );
  return (await readNanochatFolder(files)).checkpoint;
}

export async function readDemoTokenizer(): Promise<Tokenizer> {
  const bytes = await readFile(`${DEMO}/tokenizer.pkl`);
  return makeTokenizer(parseTokenizerPickle(new Uint8Array(bytes), 'tokenizer.pkl'));
}

export type Golden = {
  tokenIds: Int32Array;
  /** row-major f32 of `embed`, every hook and `logits` (of the last rows only, where the file says so) */
  read: (name: string) => Float32Array;
};

type Header = Record<string, { data_offsets: [number, number] }>;

/** Reads the container by itself: its `input_ids` are I32, which no weight may be. */
export function readGolden(name: 'short' | 'mixed' | 'long'): Golden {
  const file = readFileSync(`${GOLDENS}/golden_${name}.safetensors`);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Header;
  const bytes = (tensor: string) => {
    const [from, to] = header[tensor]!.data_offsets;
    return Uint8Array.from(file.subarray(start + from, start + to)).buffer;
  };
  return {
    tokenIds: new Int32Array(bytes('input_ids')),
    read: (tensor) => {
      const mid = streamBefore(tensor);
      if (mid === null) return new Float32Array(bytes(tensor));
      return mlpInput(new Float32Array(bytes(mid)), DEMO_WIDTH);
    },
  };
}

export type GreedyGolden = { prompt_ids: number[]; greedy_ids: number[]; smallest_margin: number };

export function readGreedyGolden(): GreedyGolden {
  return JSON.parse(readFileSync(`${GOLDENS}/golden_greedy.json`, 'utf8')) as GreedyGolden;
}

/** Largest absolute difference of two equally long arrays; NaN counts as infinite. */
export function maxAbsDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst;
}

/** NaN counts as infinite. */
export function largestAbs(values: ArrayLike<number>): number {
  return maxAbsDifference(values, new Float32Array(values.length));
}

export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}
