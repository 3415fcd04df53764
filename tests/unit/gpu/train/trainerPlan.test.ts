// What a run needs of a device: pure arithmetic, at sizes that no test could train.
import { expect, test } from 'vitest';
import { makeSaeConfig } from '../../../../src/core/sae/sae';
import { workgroupGrid } from '../../../../src/gpu/device/defineKernel';
import { makeTrainerPlan } from '../../../../src/gpu/train/trainerPlan';

const MIB = 2 ** 20;

function planOf(o: {
  d_in: number;
  d_sae: number;
  batchSize: number;
  k: number;
  bindingMiB: number;
}) {
  const caps = {
    storageBindingBytes: o.bindingMiB * MIB,
    bufferBytes: o.bindingMiB * MIB,
    workgroupStorageBytes: 16_384,
  };
  const config = makeSaeConfig({
    hookPoint: 'blocks.0.hook_resid_post',
    ...o,
    tokens: 1e6,
    seed: 1,
    contextSize: 64,
    ringRows: o.batchSize,
    auxKScale: 0,
  });
  return makeTrainerPlan(caps, config);
}

const HUGE = { d_in: 2048, d_sae: 65_536, batchSize: 4096, k: 128 };

test('65,536 latents of width 2,048 train where a binding holds their moments, in row chunks', () => {
  const plan = planOf({ ...HUGE, bindingMiB: 1024 });
  expect(plan.forward.chunks).toHaveLength(1);
  expect(4 * plan.cscWords).toBeLessThanOrEqual(1024 * MIB);
  // As many workgroups as latents are one too many for one dimension.
  expect(workgroupGrid(HUGE.d_sae)).toEqual([32_768, 2, 1]);
});

test('where a binding is 128 MiB they train in eight shards, and every buffer fits one binding', () => {
  const { forward, cscWords, dStride, rows } = planOf({ ...HUGE, bindingMiB: 128 });
  expect(forward.shards).toHaveLength(8);
  for (const { count } of forward.shards)
    expect(8 * count * dStride).toBeLessThanOrEqual(128 * MIB);
  const { chunkRows, nStride, groups } = forward;
  const others = [cscWords, chunkRows * nStride, chunkRows * groups, 2 * rows * dStride];
  for (const words of others) expect(4 * words).toBeLessThanOrEqual(128 * MIB);
  expect(planOf({ ...HUGE, d_sae: 8192, bindingMiB: 128 }).forward.shards).toHaveLength(1);
});

test('k 1,024 trains where a row of slots fits workgroup memory; above it the configuration is refused', () => {
  const narrow = { ...HUGE, d_in: 1024, bindingMiB: 128 };
  expect(planOf({ ...narrow, k: 1024 }).slots).toBe(1024 * HUGE.batchSize);
  expect(() => planOf({ ...narrow, k: 1025 })).toThrow('k must be a whole number from 1 to 1024');
});

test('65,536 narrow latents train within 128 MiB: 512 rows of pre-activations at a time', () => {
  const plan = planOf({ d_in: 256, d_sae: 65_536, batchSize: 4096, k: 32, bindingMiB: 128 });
  expect(plan.forward.chunkRows).toBe(512);
  expect(plan.forward.chunks).toHaveLength(8);
});

test('blocks of long lists grow until their sums fit one binding', () => {
  const wide = { d_in: 2048, d_sae: 8192, batchSize: 8192, k: 128 };
  expect(planOf({ ...wide, bindingMiB: 1024 }).blockEntries).toBe(128);
  const plan = planOf({ ...wide, batchSize: 4096, k: 512, bindingMiB: 128 });
  expect(plan.blockEntries).toBeGreaterThan(128);
  expect(4 * plan.cscWords).toBeLessThanOrEqual(128 * MIB);
});

test('a list is sorted by a bitmap only where one fits workgroup memory', () => {
  const plan = (batchSize: number) =>
    planOf({ d_in: 16, d_sae: 64, batchSize, k: 4, bindingMiB: 1024 }).longestCounted;
  expect([128, 4096, 65_536].map(plan)).toEqual([128, 256, 65_536]);
});
