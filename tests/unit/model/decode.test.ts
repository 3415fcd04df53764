// Decoding on the demo model: the cache against the golden, lanes against one another, the session's rules.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NanochatCheckpoint } from '../../../src/core/model/nanochat';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { ModelRuntime } from '../../../src/model/modelTypes';
import {
  argmax,
  maxAbsDifference,
  readDemoCheckpoint,
  readGolden,
  readGreedyGolden,
} from '../../helpers/model/modelDemo';

// Sessions read 29 MB of weights; other tests share the cores.
let checkpoint: NanochatCheckpoint;
let runtime: ModelRuntime;
beforeAll(async () => {
  checkpoint = await readDemoCheckpoint();
  runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
});
afterAll(() => runtime.dispose());

it('continues for 200 tokens as the golden does, and as full recomputation says', async () => {
  const { prompt_ids: promptIds, greedy_ids: greedyIds } = readGreedyGolden();
  const session = await runtime.startDecode({ lanes: 1, edits: [] });
  let logits = await session.step(Int32Array.from(promptIds));
  const tokens = [argmax(logits)];
  const rows = [logits];
  while (tokens.length < greedyIds.length) {
    logits = await session.step(Int32Array.of(tokens.at(-1)!));
    rows.push(logits);
    tokens.push(argmax(logits));
  }
  session.dispose();
  expect(tokens).toEqual(greedyIds);
  // Causal: one pass over the whole text recomputes every step.
  const all = await runtime.logits(Int32Array.from([...promptIds, ...tokens.slice(0, -1)]), 1);
  const cached = Float32Array.from(rows.flatMap((row) => [...row]));
  expect(maxAbsDifference(cached, all.subarray(-cached.length))).toBeLessThan(1e-3);
});

it('keeps two lanes apart: each decodes as if alone', async () => {
  const texts = [readGolden('mixed').tokenIds, readGolden('long').tokenIds].map((ids) =>
    ids.slice(0, 24),
  );
  const pair = await runtime.startDecode({ lanes: 2, edits: [] });
  const alone = [
    await runtime.startDecode({ lanes: 1, edits: [] }),
    await runtime.startDecode({ lanes: 1, edits: [] }),
  ];
  for (const [from, to] of [
    [0, 20],
    [20, 21],
    [21, 22],
    [22, 24],
  ] as const) {
    const parts = texts.map((ids) => ids.slice(from, to));
    const both = await pair.step(Int32Array.from(parts.flatMap((part) => [...part])));
    for (const [lane, session] of alone.entries()) {
      const own = await session.step(parts[lane]!);
      const found = both.subarray(lane * own.length, (lane + 1) * own.length);
      expect(maxAbsDifference(found, own), `lane ${lane}`).toBeLessThan(1e-4);
    }
  }
  for (const session of [pair, ...alone]) session.dispose();
});

it('goes on with lanes chosen anew: repeated, swapped, dropped', async () => {
  const texts = [readGolden('mixed').tokenIds, readGolden('long').tokenIds];
  const pair = await runtime.startDecode({ lanes: 2, edits: [] });
  await pair.step(Int32Array.from(texts.flatMap((ids) => [...ids.slice(0, 12)])));
  await pair.pickLanes([1, 0, 1]);
  expect(pair.lanes).toBe(3);
  const next = [100, 101, 102];
  const logits = await pair.step(Int32Array.from(next));
  const size = logits.length / 3;
  for (const [lane, source] of [1, 0, 1].entries()) {
    const alone = await runtime.startDecode({ lanes: 1, edits: [] });
    await alone.step(texts[source]!.slice(0, 12));
    const own = await alone.step(Int32Array.of(next[lane]!));
    const found = logits.subarray(lane * size, (lane + 1) * size);
    expect(maxAbsDifference(found, own), `lane ${lane}`).toBeLessThan(1e-4);
    alone.dispose();
  }
  await expect(pair.pickLanes([3])).rejects.toThrow('lanes 3: this session has 3');
  await pair.pickLanes([2]);
  expect((await pair.step(Int32Array.of(5))).length).toBe(size);
  pair.dispose();
  await expect(pair.pickLanes([0])).rejects.toMatchObject({ problem: 'disposed' });
});

it('refuses ids outside the vocabulary, ragged lanes, a full context, and use after dispose', async () => {
  const session = await runtime.startDecode({ lanes: 2, edits: [] });
  await expect(session.step(Int32Array.of(1, 4096))).rejects.toThrow('4096 is outside');
  await expect(session.step(Int32Array.of(1, -1))).rejects.toThrow('-1 is outside');
  await expect(session.step(Int32Array.of(1, 2, 3))).rejects.toThrow('2 sequences');
  await expect(session.step(new Int32Array(2 * 257))).rejects.toMatchObject({
    problem: 'context-full',
  });
  await expect(runtime.logits(new Int32Array(257), 1)).rejects.toMatchObject({
    problem: 'context-full',
  });
  // The refused steps left no trace.
  expect(session.position).toBe(0);
  await session.step(Int32Array.of(1, 2));
  expect(session.position).toBe(1);
  session.dispose();
  session.dispose();
  await expect(session.step(Int32Array.of(1, 2))).rejects.toMatchObject({ problem: 'disposed' });
});

it('runs calls that are made at once one after the other', async () => {
  const ids = readGolden('short').tokenIds;
  const [a, b, c] = await Promise.all([
    runtime.logits(ids, 1),
    runtime.logits(Int32Array.from([...ids, ...ids]), 2),
    runtime.capture(ids, 1, ['blocks.1.hook_resid_post']),
  ]);
  expect(maxAbsDifference(b.subarray(a.length), a)).toBeLessThan(1e-4);
  c.release();
});

it('reports every tensor of a plan once while it is read, and refuses work after dispose', async () => {
  const seen: [number, number][] = [];
  const other = await createModelRuntime({
    checkpoint,
    backend: 'wasm',
    device: null,
    onProgress: (done, total) => seen.push([done, total]),
  });
  await other.logits(Int32Array.of(1, 2), 1);
  const total = seen.length;
  expect(seen).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));
  await other.dispose();
  await expect(other.logits(Int32Array.of(1), 1)).rejects.toMatchObject({ problem: 'disposed' });
});

it("needs a device on 'webgpu'", async () => {
  await expect(createModelRuntime({ checkpoint, backend: 'webgpu', device: null })).rejects.toThrow(
    'needs a GPU device',
  );
});

it('says what is wrong when a tensor is missing or finds no room, and recovers', async () => {
  const read = () => Promise.reject(new RangeError('Array buffer allocation failed'));
  const name = 'transformer.h.2.mlp.c_fc.weight';
  const source = checkpoint.tensors.get(name)!;
  const tensors = new Map(checkpoint.tensors);
  const other = await createModelRuntime({
    checkpoint: { ...checkpoint, tensors },
    backend: 'wasm',
    device: null,
  });
  const run = () => other.capture(Int32Array.of(1, 2), 1, ['blocks.2.hook_mlp_out']);
  tensors.set(name, { ...source, readPart: read });
  await expect(run()).rejects.toMatchObject({ problem: 'out-of-memory' });
  tensors.delete(name);
  await expect(run()).rejects.toThrow(`no tensor ${name}`);
  tensors.set(name, source);
  (await run()).release();
  await other.dispose();
});
