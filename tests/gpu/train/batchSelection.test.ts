// The selection over a whole batch against its twin: ties, zeros, infinities, few positives, chunks.
import { describe, expect } from 'vitest';
import { batchSelectReference } from '../../../src/core/reference/batchSelect';
import { groupMaxReference, LOWEST_F32 } from '../../../src/core/reference/saeEncode';
import { makeRng } from '../../../src/core/numeric/rng';
import { createBatchSelection } from '../../../src/gpu/train/batchSelection';
import { createBufferSet, readF32, readU32, writeBuffer } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeForwardPlan } from '../../../src/gpu/sae/forwardPlan';
import { levelsUniform } from '../../../src/gpu/kernels/batchEmit';
import { gpuTest } from '../../helpers/device/gpuTest';

type Case = {
  name: string;
  rows: number;
  n: number;
  kept: number;
  value: (i: number) => number;
  widths?: number[];
};

const random = makeRng(12);
const gaussians = Array.from({ length: 40_000 }, () => random.normal());
const CASES: Case[] = [
  { name: 'gaussian', rows: 33, n: 130, kept: 141, value: (i) => gaussians[i]! },
  {
    name: 'five distinct values: ties at the bound',
    rows: 33,
    n: 130,
    kept: 700,
    value: (i) => Math.round(2 * gaussians[i]!) / 2,
    widths: [1, 20, 64, 130],
  },
  { name: 'all equal', rows: 7, n: 65, kept: 100, value: () => 0.25 },
  { name: 'all zero', rows: 7, n: 65, kept: 100, value: () => 0 },
  { name: 'all negative', rows: 1, n: 4, kept: 1, value: (i) => -i - 1 },
  {
    name: 'zero rows, −0, NaN replaced, +∞, fewer positives than wanted',
    rows: 20,
    n: 96,
    kept: 200,
    value: (i) => {
      if (i % 96 === 5) return Infinity;
      if (i % 3 === 0) return -0;
      return i % 31 === 0 ? Math.abs(gaussians[i]!) : -1;
    },
  },
  { name: 'all kept', rows: 5, n: 33, kept: 165, value: (i) => i + 1 },
  {
    name: 'neighbours in the last bit',
    rows: 12,
    n: 64,
    kept: 77,
    value: (i) => Math.fround(1 + ((i * 37) % 768) * 2 ** -23),
  },
];

describe.each(['software', 'gpu'] as const)('batch selection, %s variants', (as) => {
  for (const c of CASES) {
    gpuTest(
      `keeps the same elements as a full sort: ${c.name}`,
      (context) => expectCase(context, c),
      // A software driver compiles the variants with many barriers slowly, anew for every shape.
      { as, isLong: as === 'gpu' },
    );
  }
  gpuTest(
    'the same in three chunks, ties across them',
    (context) =>
      expectCase(context, {
        ...CASES[1]!,
        name: 'chunks',
        rows: 150,
        value: (i) => Math.round(2 * gaussians[i]!) / 2,
      }),
    { as, caps: { storageBindingBytes: 64 * 192 * 4 } },
  );
});

async function expectCase(context: GpuContext, c: Case): Promise<void> {
  const { rows, n, kept } = c;
  const widths = c.widths ?? [n];
  const preActs = Float32Array.from({ length: rows * n }, (_, i) => c.value(i));
  const plan = makeForwardPlan(context.caps, { rows, d_in: 4, d_sae: n, k: 2 }, { select: 'none' });
  const set = createBufferSet(context, 'test');
  const padded = new Float32Array(rows * plan.nStride).fill(LOWEST_F32);
  for (let row = 0; row < rows; row++) {
    padded.set(preActs.subarray(row * n, (row + 1) * n), row * plan.nStride);
  }
  const maxima = groupMaxReference(preActs, {
    rows,
    d_sae: n,
    width: plan.groupWidth,
    groups: plan.groups,
  });
  const buffers = {
    preActs: set.storage('preActs', plan.chunkRows * plan.nStride * 4),
    groupMax: set.storage('groupMax', plan.chunkRows * plan.groups * 4),
  };
  const levels = set.uniform('levels', levelsUniform(widths));
  const selection = await createBatchSelection(context, set, {
    forward: { plan, buffers },
    kept,
    levels,
  });
  plan.chunks.forEach((chunk, index) => {
    const part = (data: Float32Array, cols: number) =>
      data.subarray(chunk.firstRow * cols, (chunk.firstRow + chunk.rows) * cols);
    writeBuffer(context, buffers.preActs, part(padded, plan.nStride));
    writeBuffer(context, buffers.groupMax, part(maxima, plan.groups));
    submitPass(context, 'select', (pass) => {
      for (const { record } of selection.selectChunk(chunk, index)) record(pass);
    });
  });
  submitPass(context, 'finish', (pass) => {
    for (const { record } of selection.finish()) record(pass);
  });
  const expected = batchSelectReference(preActs, { rows, kept, widths });
  const { layout } = selection;
  const words = await readU32(context, selection.code, layout.words);
  const used = expected.offsets[rows]!;
  expect([...words.subarray(0, rows + 1)]).toEqual([...expected.offsets]);
  const part = (at: number, count: number) => [...words.subarray(at, at + count)];
  expect(part(layout.indicesAt, kept)).toEqual([...expected.latentIndices]);
  expect(part(layout.rowsAt, used)).toEqual([...expected.gradientRows.subarray(0, used)]);
  const acts = await readF32(context, selection.code, used, 4 * layout.actsAt);
  expect([...acts]).toEqual([...expected.latentActs.subarray(0, used)]);
  const state = await readF32(context, selection.state, 4);
  if (expected.smallest === null) {
    expect(new Uint32Array(state.buffer)[3]).toBe(0xffffffff);
  } else {
    expect(state[3]).toBe(expected.smallest);
  }
}
