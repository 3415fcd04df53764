// The cached activations that every side trains on: counted rows of the demo model at one hook, f32, outside
// the repository, and the order in which each seed sees them. Written once per budget.
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededPermutation } from '../../src/core/numeric/rng';
import { forEachCapture } from '../../src/engine/activations/activationFeed';
import type { OpenedModel } from './openModel';
import { CONTEXT, HELD_OUT_ROWS, HOOK } from './budget';

const ORDER_STREAM = 0xda7a;

export type Activations = {
  folder: string;
  d_in: number;
  /** rows of the training file */
  tokens: number;
  /** row of step 0, 1, … for a seed; the same for every side */
  order: (seed: number) => Promise<Uint32Array>;
  /** rows of the training file by index, [count, d_in] */
  rows: (indices: Uint32Array) => Float32Array;
};

/** Reads the cache in `folder`, writing what is missing. tokens: rows to train on; heldOut: whether the held-out file is
 *  wanted too. */
export async function openActivations(
  folder: string,
  openModel: () => Promise<OpenedModel>,
  { tokens, heldOut }: { tokens: number; heldOut: boolean },
): Promise<Activations> {
  await mkdir(folder, { recursive: true });
  const files = [
    { name: 'train.f32', split: 'train', rows: tokens, isWanted: true },
    { name: 'heldout.f32', split: 'heldOut', rows: HELD_OUT_ROWS, isWanted: heldOut },
  ] as const;
  for (const { name, split, rows } of files.filter(({ isWanted }) => isWanted)) {
    if (existsSync(join(folder, name))) continue;
    console.error(`writing ${join(folder, name)}`);
    await dump(await openModel(), split, rows, join(folder, name));
  }
  const all = await readF32(join(folder, 'train.f32'));
  const d_in = all.length / tokens;
  return {
    folder,
    d_in,
    tokens,
    async order(seed) {
      const path = join(folder, `order-${seed}.u32`);
      if (existsSync(path)) return new Uint32Array(bytesOf(await readFile(path)));
      const order = seededPermutation(tokens, seed, ORDER_STREAM);
      await writeFile(path, order);
      return order;
    },
    rows(indices) {
      const out = new Float32Array(indices.length * d_in);
      indices.forEach((row, i) => out.set(all.subarray(row * d_in, (row + 1) * d_in), i * d_in));
      return out;
    },
  };
}

async function dump(
  { runtime, corpusHost, tokenizer }: OpenedModel,
  split: 'train' | 'heldOut',
  wanted: number,
  path: string,
): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w');
  let written = 0;
  try {
    for (let epoch = 0; written < wanted; epoch++) {
      const corpus = await corpusHost.pack(tokenizer, split, {
        contextSize: CONTEXT,
        seed: 0,
        epoch,
      });
      await forEachCapture({ runtime, corpus, hook: HOOK }, async ({ activations, rows }) => {
        if (activations.where !== 'cpu') throw new Error('the model must run on wasm here');
        const { data, cols } = activations;
        const taken = rows.subarray(0, wanted - written);
        const out = new Float32Array(taken.length * cols);
        taken.forEach((row, i) => out.set(data.subarray(row * cols, (row + 1) * cols), i * cols));
        await file.write(out);
        written += taken.length;
        return written < wanted;
      });
    }
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function readF32(path: string): Promise<Float32Array> {
  return new Float32Array(bytesOf(await readFile(path)));
}

function bytesOf(file: Buffer): ArrayBuffer {
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}
