// A model in the shape of nanochat's d20 (r1, bf16) as torch.save and nanochat lay it out, written to a folder part
// by part: the weights mean nothing, their number does.
import { openAsBlob } from 'node:fs';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../src/engine/shared/api';
import { expectedTensors, NANOCHAT_REVISIONS } from '../../src/formats/model/nanochatRevision';
import { tokenizerPickle, torchPickle } from '../../tests/unit/formats/archives/pickleBuilder';
import { concat, little } from '../../tests/unit/formats/archives/zipBuilder';

/** By name: the d20 itself, 561 million parameters, and one of 1 million that takes the same way. */
export const WRITTEN_SIZES = {
  d20: {
    sequence_len: 2048,
    vocab_size: 65_536,
    n_layer: 20,
    n_head: 10,
    n_kv_head: 10,
    n_embd: 1280,
  },
  tiny: {
    sequence_len: 256,
    vocab_size: 1024,
    n_layer: 2,
    n_head: 2,
    n_kv_head: 2,
    n_embd: 128,
  },
} as const;

export type WrittenSize = (typeof WRITTEN_SIZES)[keyof typeof WRITTEN_SIZES];

const encoder = new TextEncoder();

export async function writeModel(folder: string, size: WrittenSize): Promise<ModelFile[]> {
  const paths = ['model_000000.pt', 'meta_000000.json', 'tokenizer.pkl'];
  await writeCheckpoint(join(folder, 'model_000000.pt'), size);
  await writeFile(
    join(folder, 'meta_000000.json'),
    JSON.stringify({ step: 0, model_config: size }),
  );
  await writeFile(join(folder, 'tokenizer.pkl'), makeTokenizer(size));
  return Promise.all(
    paths.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })),
  );
}

/** The bytes, then pairs of bytes; the last token is the special one. */
function makeTokenizer({ vocab_size: size }: WrittenSize): Uint8Array {
  const ranks = Array.from({ length: size - 257 }, (_, i): [number[], number] => [
    [i >> 8, i & 255],
    256 + i,
  ]);
  return tokenizerPickle({ ranks, special: [['<|bos|>', size - 1]] });
}

async function writeCheckpoint(path: string, size: WrittenSize): Promise<void> {
  const revision = NANOCHAT_REVISIONS.find((row) => row.name === 'r1');
  if (revision === undefined) throw new Error('no row r1');
  const config = { ...size, window_pattern: 'L' };
  const tensors = [...expectedTensors(config, revision)].map(([name, shape], i) => ({
    name,
    storage: 'BFloat16Storage',
    key: String(i),
    shape: [...shape],
    elements: shape.reduce((product, n) => product * n, 1),
    strides: [shape[1] ?? 1, 1],
  }));
  const file = await open(path, 'w');
  try {
    const directory: Uint8Array[] = [];
    let at = 0;
    const add = async (name: string, bytes: number, write: () => Promise<void>) => {
      const path = encoder.encode(`d20/${name}`);
      await file.write(concat(localHeader(path, bytes), path));
      await write();
      directory.push(centralEntry(path, bytes, at));
      at += 30 + path.length + bytes;
    };
    const pickle = torchPickle(tensors);
    await add('data.pkl', pickle.length, async () => {
      await file.write(pickle);
    });
    for (const { key, elements } of tensors) {
      await add(`data/${key}`, 2 * elements, () => writeValues(file, elements));
    }
    const central = concat(...directory);
    const counts = little([2, directory.length], [2, directory.length]);
    const end = little([4, central.length], [4, at], [2, 0]);
    await file.write(concat(central, little([4, 0x06054b50], [4, 0]), counts, end));
  } finally {
    await file.close();
  }
}

/** Small bf16 values of both signs, one MiB of them again and again. */
async function writeValues(file: FileHandle, elements: number): Promise<void> {
  const block = Uint16Array.from(
    { length: 2 ** 19 },
    (_, i) => (((i * 7919) & 1) << 15) | (0x3c00 + ((i * 104_729) & 0xff)),
  );
  for (let left = elements; left > 0; left -= block.length) {
    await file.write(block, 0, 2 * Math.min(left, block.length));
  }
}

type Fields = Parameters<typeof little>;

function localHeader(path: Uint8Array, bytes: number): Uint8Array {
  const head: Fields = [
    [4, 0x04034b50],
    [2, 20],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, 0],
  ];
  return little(...head, [4, bytes], [4, bytes], [2, path.length], [2, 0]);
}

function centralEntry(path: Uint8Array, bytes: number, at: number): Uint8Array {
  const head: Fields = [
    [4, 0x02014b50],
    [2, 20],
    [2, 20],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, 0],
  ];
  const sizes: Fields = [
    [4, bytes],
    [4, bytes],
    [2, path.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
  ];
  return concat(little(...head, ...sizes, [4, 0], [4, at]), path);
}
