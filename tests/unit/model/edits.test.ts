// Edits of the running model at every kind of hook point, against the f64 twin with the same edit.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CpuMatrix, Matrix } from '../../../src/core/handles';
import type { HookPoint } from '../../../src/core/activations/hookPoint';
import { HOOK_SITES, hookPoint } from '../../../src/core/activations/hookPoint';
import type { ReferenceWeights } from '../../../src/core/reference/nanochatReference';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { makeRng } from '../../../src/core/numeric/rng';
import { NANOCHAT_REVISIONS } from '../../../src/formats/model/nanochatRevision';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import type { DecodeOptions, Edit, EditPlace, ModelRuntime } from '../../../src/model/modelTypes';
import { maxAbsDifference } from '../../helpers/model/modelDemo';
import { FOUR_LAYERS, makeRandomCheckpoint, randomTokens } from '../../helpers/model/modelRandom';

// The first session starts ONNX Runtime, while other tests share the cores.
const REVISION = { ...NANOCHAT_REVISIONS[0]!, shortWindow: () => 5 };
const checkpoint = makeRandomCheckpoint(FOUR_LAYERS, REVISION, 23);
const tokenIds = randomTokens(12, FOUR_LAYERS.vocab_size, 6);

let weights: ReferenceWeights;
let plain: Float64Array;
let runtime: ModelRuntime;
beforeAll(async () => {
  weights = await readReferenceWeights(checkpoint);
  plain = nanochatReference(weights, tokenIds).logits;
  runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
});
afterAll(() => runtime.dispose());

const rng = makeRng(4);
const v = Float32Array.from({ length: FOUR_LAYERS.n_embd }, () => 0.3 * rng.normal());

function onCpu(x: Matrix): CpuMatrix {
  if (x.where !== 'cpu') throw new Error('wasm computes on the CPU');
  return x;
}

/** Adds v to every row of x from `firstRow` on, in place. */
function addDirection(x: Float32Array | Float64Array, firstRow = 0): void {
  for (let i = firstRow * v.length; i < x.length; i++) x[i]! += v[i % v.length]!;
}

const steer = (hook: HookPoint): Edit => ({
  hook,
  apply: (x) => {
    addDirection(onCpu(x).data);
    return x;
  },
});
/** The same as a matrix of its own. */
const steerByReplacement = (hook: HookPoint): Edit => ({
  hook,
  apply: (x): CpuMatrix => {
    const data = onCpu(x).data.slice();
    addDirection(data);
    return { ...onCpu(x), data };
  },
});
const identity = (hook: HookPoint): Edit => ({ hook, apply: (x) => x });

const EVERYWHERE = [0, 1, 2, 3].flatMap((layer) =>
  HOOK_SITES.map((site) => hookPoint(layer, site)),
);

describe.each(EVERYWHERE)('an edit at %s', (hook) => {
  it('that changes nothing leaves the logits', async () => {
    const logits = await runtime.logits(tokenIds, 1, [identity(hook)]);
    expect(maxAbsDifference(logits, plain)).toBeLessThan(1e-4);
  });

  it('that adds a direction does what the f64 twin says', async () => {
    const logits = await runtime.logits(tokenIds, 1, [steer(hook)]);
    const twin = nanochatReference(weights, tokenIds, (at, x) => {
      if (at === hook) addDirection(x);
    });
    expect(maxAbsDifference(logits, twin.logits)).toBeLessThan(1e-4);
    expect(maxAbsDifference(logits, plain)).toBeGreaterThan(0.05);
  });
});

it('two edits at two hooks and two at one hook all act', async () => {
  const [first, second] = [hookPoint(0, 'hook_mlp_out'), hookPoint(2, 'hook_resid_post')];
  const edits = [steer(second), steerByReplacement(first), steerByReplacement(second)];
  const logits = await runtime.logits(tokenIds, 1, edits);
  const twin = nanochatReference(weights, tokenIds, (at, x) => {
    if (at === first || at === second) addDirection(x);
    if (at === second) addDirection(x);
  });
  expect(maxAbsDifference(logits, twin.logits)).toBeLessThan(1e-4);
});

it('a watcher sees its hook as the edits there leave it, and changes nothing', async () => {
  const [watched, edited] = [hookPoint(0, 'hook_mlp_out'), hookPoint(2, 'hook_resid_post')];
  const seen = new Map<HookPoint, Float32Array>();
  const watchers = [watched, edited].map((hook) => ({
    hook,
    see: (x: Matrix) => void seen.set(hook, onCpu(x).data.slice()),
  }));
  const read = async (o: Pick<DecodeOptions, 'edits' | 'watchers'>) => {
    const session = await runtime.startDecode({ lanes: 1, ...o });
    const logits = await session.step(tokenIds);
    session.dispose();
    return logits;
  };
  const twin = new Map<HookPoint, Float32Array>();
  nanochatReference(weights, tokenIds, (at, x) => {
    if (at === edited) addDirection(x);
    twin.set(at, Float32Array.from(x));
  });
  const edits = [steerByReplacement(edited)];
  const logits = await read({ edits, watchers });
  expect(maxAbsDifference(logits, await read({ edits }))).toBe(0);
  expect([...seen.keys()]).toEqual([watched, edited]);
  for (const hook of [watched, edited]) {
    expect(maxAbsDifference(seen.get(hook)!, twin.get(hook)!)).toBeLessThan(1e-4);
  }
});

it('an edit of one lane while decoding leaves the other alone and reaches the cache', async () => {
  const hook = hookPoint(1, 'hook_resid_post');
  const places: EditPlace[] = [];
  const secondLane: Edit = {
    hook,
    apply: (x, at) => {
      places.push(at);
      addDirection(onCpu(x).data, at.length);
      return x;
    },
  };
  const session = await runtime.startDecode({ lanes: 2, edits: [secondLane] });
  const twice = (ids: Int32Array) => Int32Array.from([...ids, ...ids]);
  await session.step(twice(tokenIds.slice(0, 7)));
  await session.step(twice(tokenIds.slice(7, 8)));
  const logits = await session.step(twice(tokenIds.slice(8)));
  session.dispose();
  expect(places.map((at) => [at.lanes, at.length, at.position])).toEqual([
    [2, 7, 0],
    [2, 1, 7],
    [2, 4, 8],
  ]);
  const { vocab_size: vocabSize } = FOUR_LAYERS;
  const last = plain.subarray(-vocabSize);
  const steered = nanochatReference(weights, tokenIds, (at, x) => {
    if (at === hook) addDirection(x);
  }).logits.subarray(-vocabSize);
  expect(maxAbsDifference(logits.subarray(0, vocabSize), last)).toBeLessThan(1e-4);
  expect(maxAbsDifference(logits.subarray(vocabSize), steered)).toBeLessThan(1e-4);
  expect(maxAbsDifference(last, steered)).toBeGreaterThan(0.05);
});

it('refuses a replacement of another shape, and an edit that fails leaves the session usable', async () => {
  const hook = hookPoint(0, 'hook_resid_mid');
  let mood: 'shrink' | 'throw' | 'calm' = 'shrink';
  const moody: Edit = {
    hook,
    apply: (x) => {
      if (mood === 'shrink') return { where: 'cpu', rows: 1, cols: 2, data: new Float32Array(2) };
      if (mood === 'throw') throw new Error('edit broke');
      return x;
    },
  };
  const session = await runtime.startDecode({ lanes: 1, edits: [moody] });
  await expect(session.step(tokenIds)).rejects.toThrow('[1, 2], expected [12, 32]');
  mood = 'throw';
  await expect(session.step(tokenIds)).rejects.toThrow('edit broke');
  mood = 'calm';
  const logits = await session.step(tokenIds);
  expect(maxAbsDifference(logits, plain.subarray(-logits.length))).toBeLessThan(1e-3);
  session.dispose();
});

it('refuses a hook of a layer that the model lacks', async () => {
  const hook = hookPoint(4, 'hook_resid_pre');
  await expect(runtime.logits(tokenIds, 1, [identity(hook)])).rejects.toThrow(hook);
  await expect(runtime.capture(tokenIds, 1, [hook])).rejects.toThrow(hook);
  await expect(runtime.capture(tokenIds, 1, [])).rejects.toThrow('no hook point');
});
