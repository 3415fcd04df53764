import { describe, expect, it } from 'vitest';
import type { MachineLimits } from '../../../../src/core/model/modelNeeds';
import { choosePrecision, modelNeeds, refusal } from '../../../../src/core/model/modelNeeds';
import { WEIGHT_PRECISIONS } from '../../../../src/core/model/weightPrecision';
import {
  expectedTensors,
  NANOCHAT_REVISIONS,
} from '../../../../src/formats/model/nanochatRevision';

const r1 = NANOCHAT_REVISIONS.find((row) => row.name === 'r1')!;

/** nanochat's sizes: width 64 a layer, heads of 128 (d4: 4 heads of 64, the demo's vocabulary). */
function needsOf(depth: number) {
  const config = {
    sequence_len: depth === 4 ? 512 : 2048,
    vocab_size: depth === 4 ? 4096 : 65_536,
    n_layer: depth,
    n_head: depth === 4 ? 4 : depth / 2,
    n_kv_head: depth === 4 ? 4 : depth / 2,
    n_embd: 64 * depth,
    window_pattern: 'L',
  };
  const shapes = new Map(
    [...expectedTensors(config, r1)].map(([name, shape]) => [name, { shape }] as const),
  );
  return WEIGHT_PRECISIONS.map((precision) => modelNeeds(config, shapes, precision));
}

/** What every WebGPU device has. */
const SMALLEST: MachineLimits = {
  backend: 'webgpu',
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  hasHalf: false,
};
const WITH_HALF: MachineLimits = { ...SMALLEST, hasHalf: true };

describe('modelNeeds', () => {
  // Parameters of r1: 12·L·w² + 2·V·w. In int4 the vocabulary's two tables take 9 bits, the matrices 5.
  it.each([
    [4, 12 * 4 * 256 ** 2, 2 * 4096 * 256],
    [12, 12 * 12 * 768 ** 2, 2 * 65_536 * 768],
    [20, 12 * 20 * 1280 ** 2, 2 * 65_536 * 1280],
    [32, 12 * 32 * 2048 ** 2, 2 * 65_536 * 2048],
  ])('counts the weights of d%i', (depth, matrices, vocabulary) => {
    const all = matrices + vocabulary;
    expect(needsOf(depth).map((need) => need.weights)).toEqual([
      4 * all,
      2 * all,
      (all * 9) / 8,
      (matrices * 5) / 8 + (vocabulary * 9) / 8,
    ]);
  });

  it('counts the cache of d20: 20 layers × keys and values × 2 lanes × 2048 × 1280 in f32, twice', () => {
    expect(needsOf(20)[0]!.cache).toBe(20 * 2 * 2 * 2048 * 1280 * 4 * 2);
  });

  it.each([4, 12, 20, 32])('keeps every buffer of d%i within what any device binds', (depth) => {
    for (const need of needsOf(depth)) {
      expect(need.largestBinding).toBeLessThanOrEqual(128 * 2 ** 20);
      expect(need.largestBinding).toBeGreaterThan(1_000_000);
    }
  });

  it('leaves padding rows out', () => {
    const config = { sequence_len: 64, n_layer: 1, n_head: 1, n_kv_head: 1, n_embd: 32 };
    const shapes = new Map([['lm_head.weight', { shape: [128, 32] }]]);
    const need = modelNeeds({ ...config, vocab_size: 100, window_pattern: 'L' }, shapes, 'f32');
    expect(need.weights).toBe(4 * 100 * 32);
  });
});

describe('choosePrecision', () => {
  it('keeps a small model as it is, and takes the finest precision that fits a large one', () => {
    expect(choosePrecision(needsOf(4), SMALLEST, null)).toMatchObject({ precision: 'f32' });
    expect(choosePrecision(needsOf(20), WITH_HALF, null)).toEqual({
      ok: true,
      precision: 'f16',
      reason: 'Automatic: 1.12 GB of weights instead of 2.24 GB in f32.',
    });
    expect(choosePrecision(needsOf(20), SMALLEST, null)).toEqual({
      ok: true,
      precision: 'int8',
      reason:
        'Automatic: 632 MB of weights instead of 2.24 GB in f32. f16 weights need the WebGPU feature shader-f16, which this adapter lacks.',
    });
  });

  it('refuses f16 without shader-f16, naming the precision that fits', () => {
    expect(choosePrecision(needsOf(20), SMALLEST, 'f16')).toEqual({
      ok: false,
      reason:
        'f16 weights need the WebGPU feature shader-f16, which this adapter lacks. Choose int8, which takes 632 MB.',
    });
    expect(choosePrecision(needsOf(20), WITH_HALF, 'f16')).toEqual({
      ok: true,
      precision: 'f16',
      reason: 'Chosen by you.',
    });
  });

  it('on the processor takes 200 MB of weights at most, and refuses d20 by number', () => {
    const wasm = { backend: 'wasm' } as const;
    expect(choosePrecision(needsOf(4), wasm, null)).toMatchObject({ precision: 'f32' });
    expect(choosePrecision(needsOf(12), wasm, null)).toMatchObject({ precision: 'int4' });
    expect(choosePrecision(needsOf(12), wasm, 'f32')).toEqual({
      ok: false,
      reason:
        'Its weights take 743 MB in f32; on the processor (wasm) a model may have 200 MB. Choose int4, which takes 167 MB.',
    });
    expect(choosePrecision(needsOf(20), wasm, null)).toEqual({
      ok: false,
      reason:
        'This model cannot run here, in any precision. Its weights take 435 MB in int4; on the processor (wasm) a model may have 200 MB. Open it in a browser with WebGPU, or open a smaller model.',
    });
    expect(choosePrecision(needsOf(4), wasm, 'f16')).toEqual({
      ok: false,
      reason:
        'f16 weights only help on WebGPU: the processor (wasm) computes in f32 and would widen them. Choose int8, which takes 6 MB.',
    });
  });

  it('refuses a buffer that the adapter cannot bind, with both numbers', () => {
    const small = { ...WITH_HALF, maxStorageBufferBindingSize: 16_000_000 } as const;
    expect(refusal(needsOf(20)[1]!, small)).toBe(
      'Its largest buffer takes 68 MB in f16; this adapter binds at most 16 MB.',
    );
  });
});
