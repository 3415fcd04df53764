// Kept activations: a run that reads what another read gets the same rows without the model; what is damaged, gone or
// too much is computed again.
import { beforeEach, describe, expect, it } from 'vitest';
import { makeSaeConfig, type Calibration } from '../../../../src/core/sae/sae';
import { ringBlockAt } from '../../../../src/core/train/ringBlocks';
import { createActivationFeed } from '../../../../src/engine/activations/activationFeed';
import {
  createKeptActivations,
  KEPT_ACTIVATION_RECORDS,
  streamFields,
  type StreamKey,
} from '../../../../src/engine/activations/keptActivations';
import { fillRings } from '../../../../src/engine/train/ringFill';
import type { CorpusPacker } from '../../../../src/engine/text/corpusHost';
import type { ModelRuntime } from '../../../../src/model/modelTypes';
import type { Tokenizer } from '../../../../src/model/tokenizer';
import { createMemoryFileStore, type FileStore } from '../../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { gaussian } from '../../../helpers/cases';
import { CPU_BACKEND } from '../../../helpers/sae/saeBackends';

const D = 6;
const CONTEXT = 512;
const ROWS = 1500;
/** bytes of a block: rows of D values in f16 */
const BLOCK_BYTES = 2 * D * ROWS;

const config = makeSaeConfig({
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: D,
  d_sae: 8,
  k: 1,
  tokens: 100_000,
  batchSize: 500,
  ringRows: ROWS,
  calibrationTokens: 700,
  seed: 1,
  contextSize: CONTEXT,
});
const { hookPoint: hook } = config;
const KEY: StreamKey = {
  modelId: 'model~1',
  backend: 'wasm',
  precision: 'f32',
  corpusId: 'text~1',
  hook,
  ...streamFields(config),
};

const corpusHost: CorpusPacker = {
  pack: (_tokenizer, _split, { epoch }) =>
    Promise.resolve({
      contextSize: CONTEXT,
      count: 7,
      sequence: (index) =>
        Int32Array.from({ length: CONTEXT }, (_, i) => (7 * epoch + index) * CONTEXT + i),
      countedPositions: () => Uint32Array.from({ length: CONTEXT - 1 }, (_, i) => i + 1),
    }),
};

/** Rows by their first token, and how often the model was asked. */
const model = { passes: 0 };
const runtime = {
  capture: (tokenIds: Int32Array) => {
    model.passes++;
    const data = gaussian(tokenIds.length * D, 100 + tokenIds[0]!, 3);
    const x = { where: 'cpu', rows: tokenIds.length, cols: D, data };
    return Promise.resolve({ hooks: new Map([[hook, x]]), release: () => undefined });
  },
} as unknown as ModelRuntime;

const disk = { storage: createMemoryStorage(), files: createMemoryFileStore() };
const world = { room: 1e9, now: 0 };
const told: unknown[] = [];

function openKept() {
  return createKeptActivations(
    {
      ...disk,
      wallClock: () => ++world.now,
      activationRoom: () => Promise.resolve(world.room),
      breathe: () => Promise.resolve(),
    },
    (event) => told.push(event.kept),
  );
}

/** What a run of these blocks reads of this stream, and how many passes of the model that took. */
async function read(key: StreamKey = KEY, blocks: readonly number[] = [0, 1, 2]) {
  const stream = await openKept().open(key);
  const feed = createActivationFeed({
    stream: config,
    hooks: [hook],
    runtime,
    tokenizer: {} as Tokenizer,
    corpusHost,
    kept: stream === null ? [] : [stream],
  });
  const ring = await CPU_BACKEND.createRing({ rows: ROWS, d: D });
  const before = model.passes;
  let scales: number[] | null = null;
  let calibration: Calibration | undefined;
  const rows: Float32Array[] = [];
  const everyRow = Uint32Array.from({ length: ROWS }, (_, i) => i);
  for (const index of blocks) {
    const block = ringBlockAt(config, (index * ROWS) / config.batchSize);
    const measured = index === 0 ? config.calibrationTokens : 0;
    const request = { feed, rings: [ring], block, scales, measured };
    const found = await fillRings(request, () => Promise.resolve(true));
    calibration ??= found?.[0];
    scales ??= [calibration!.inputScale];
    rows.push(await ring.readRows(everyRow));
  }
  return { calibration, rows, text: feed.ringText(), passes: model.passes - before };
}

const files = async () => (await disk.files.list()).sort();

beforeEach(() => {
  disk.storage = createMemoryStorage();
  disk.files = createMemoryFileStore();
  world.room = 1e9;
  told.length = 0;
});

describe('kept activations', () => {
  it('give a second run the same calibration, rows and text without the model', async () => {
    const { passes, ...first } = await read();
    expect(passes).toBeGreaterThan(3);
    const second = await read();
    expect(second).toEqual({ ...first, passes: 0 });
    expect(told.at(-1)).toEqual({
      isOn: true,
      byteLength: 3 * BLOCK_BYTES,
      tokens: 3 * ROWS,
      room: 1e9,
    });
  });

  it('are not taken for another text, seed, place or precision, and blocks that are missing are added', async () => {
    const { passes } = await read(KEY, [0, 1]);
    for (const other of [
      { corpusId: 'text~2' },
      { seed: 2 },
      { hook: 'blocks.1.hook_resid_post' },
      { precision: 'f16' },
    ] as const) {
      expect((await read({ ...KEY, ...other }, [0, 1])).passes).toBe(passes);
    }
    const longer = await read(KEY, [0, 1, 2]);
    expect(longer.passes).toBeGreaterThan(0);
    expect(longer.passes).toBeLessThan(passes);
    expect((await read()).passes).toBe(0);
  });

  it('make room by deleting what was used longest ago; of a long run the first blocks are kept', async () => {
    world.room = 3.5 * BLOCK_BYTES;
    await read(KEY, [0]);
    await read({ ...KEY, seed: 2 }, [0]);
    expect((await read(KEY, [0])).passes).toBe(0);
    await read({ ...KEY, seed: 3 }, [0, 1]);
    expect((await read(KEY, [0])).passes).toBe(0);
    expect((await read({ ...KEY, seed: 2 }, [0])).passes).toBeGreaterThan(0);
    await read({ ...KEY, seed: 4 }, [0, 1, 2, 3]);
    expect(await files()).toHaveLength(3);
    expect((await read({ ...KEY, seed: 4 }, [0, 1, 2])).passes).toBe(0);
  });

  it('that are damaged are deleted and computed again', async () => {
    const first = await read();
    const [damaged] = await files();
    const { read: readFile } = disk.files;
    disk.files.read = async (name) => {
      const blob = await readFile(name);
      if (blob === null || name !== damaged) return blob;
      const bytes = new Uint8Array(await blob.arrayBuffer());
      bytes[5]! ^= 1;
      return new Blob([bytes]);
    };
    const { passes, ...second } = await read();
    expect(passes).toBeGreaterThan(0);
    expect(second).toEqual({ ...first, passes: undefined });
    expect(await files()).not.toContain(damaged);
    expect((await read()).passes).toBe(0);
  });

  it('whose file vanishes while a block is read are computed from there on', async () => {
    const first = await read(KEY, [0]);
    disk.files = vanishing(disk.files);
    const { rows, passes } = await read(KEY, [0]);
    expect(rows).toEqual(first.rows);
    expect(passes).toBeGreaterThan(0);
  });

  it('are not kept where keeping is off, storage is full or there is no room; the run goes on', async () => {
    const first = await read(KEY, [0]);
    await openKept().forget();
    expect(await files()).toEqual([]);
    expect(await disk.storage.keys(KEPT_ACTIVATION_RECORDS.prefix)).toEqual([]);
    await openKept().setKeeping(false);
    expect(told.at(-1)).toMatchObject({ isOn: false, byteLength: 0 });
    expect(await read(KEY, [0])).toEqual(first);
    await openKept().setKeeping(true);
    disk.files = createMemoryFileStore(BLOCK_BYTES - 1);
    expect(await read(KEY, [0])).toEqual({ ...first, passes: first.passes });
    expect(await files()).toEqual([]);
    world.room = 0;
    expect(await openKept().open(KEY)).toBeNull();
    expect(await openKept().facts()).toBeNull();
  });
});

/** Whole when it is checked, gone when the second half of its rows is read. */
function vanishing(store: FileStore): FileStore {
  return {
    ...store,
    read: async (name) => {
      const blob = await store.read(name);
      if (blob === null) return null;
      let isChecked = false;
      return {
        size: blob.size,
        slice: (from: number, to: number) => {
          const isGone = isChecked && from >= BLOCK_BYTES / 2;
          isChecked ||= to === blob.size;
          return isGone
            ? { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')) }
            : blob.slice(from, to);
        },
      } as Blob;
    },
  };
}
