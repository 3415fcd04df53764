import { describe, expect, test } from 'vitest';
import { groupMaxReference, LOWEST_F32 } from '../../../src/core/reference/saeEncode';
import { topkReference } from '../../../src/core/reference/topkRow';
import { makeRng } from '../../../src/core/numeric/rng';
import { EMPTY_SLOT, type SparseCode } from '../../../src/core/sae/sae';
import { createBufferSet, readF32, readU32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeForwardPlan, type TopkBound } from '../../../src/gpu/sae/forwardPlan';
import { prepareTopkFallback } from '../../../src/gpu/kernels/topkFallback';
import { prepareTopkRow } from '../../../src/gpu/kernels/topkRow';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import { padRows } from '../../helpers/rows';

type TopkCase = { preActs: Float32Array; rows: number; d_sae: number; k: number };

/** The way a step selects; `overflowRows` tells which of them came through the fallback. */
async function topkOnGpu(
  context: GpuContext,
  c: TopkCase,
  o: { candidateCap?: number; bound?: TopkBound } = {},
) {
  const { rows, d_sae, k } = c;
  const plan = makeForwardPlan(context.caps, { rows, d_in: 4, d_sae, k }, o);
  const { groupWidth: width, groups, nStride } = plan;
  const set = createBufferSet(context, 'test');
  // As encode leaves it: NaN never reaches a maximum.
  const trapped = c.preActs.map((value) => (Number.isNaN(value) ? LOWEST_F32 : value));
  const padded = padRows(c.preActs, { cols: d_sae, stride: nStride, fill: LOWEST_F32 });
  const preActs = set.storage('preActs', padded);
  const maxima = groupMaxReference(trapped, { rows, d_sae, width, groups });
  const latentIndices = set.storage('latentIndices', rows * k * 4);
  const latentActs = set.storage('latentActs', rows * k * 4);
  const counters = set.storage('counters', 16);
  const code = { latentIndices, latentActs };
  if (plan.select === 'groups') {
    const overflow = set.storage('overflow', 16 + rows * 4, GPUBufferUsage.INDIRECT);
    const row = (await prepareTopkRow(context, plan)).bind({
      ...code,
      preActs,
      groupMax: set.storage('groupMax', maxima),
      overflow,
      counters,
      chunk: set.uniform('chunk', new Uint32Array([rows, 0, 0, 0])),
    });
    const fallback = await prepareTopkFallback(context, plan, 'listed');
    const listed = fallback.bind({ ...code, preActs, overflow });
    submitPass(context, 'topk', (pass) => {
      row.encode(pass, { rows });
      listed.dispatchIndirect(overflow, 0).record(pass);
    });
  } else {
    const count = set.storage('count', new Uint32Array([rows, 0, 0, 0]));
    const fallback = await prepareTopkFallback(context, plan, 'all');
    const every = fallback.bind({ ...code, preActs, overflow: count });
    submitPass(context, 'topk', (pass) => {
      every.encode(pass, { rows });
    });
  }
  const out = {
    select: plan.select,
    latentIndices: await readU32(context, latentIndices, rows * k),
    latentActs: await readF32(context, latentActs, rows * k),
    overflowRows: (await readU32(context, counters, 2))[1]!,
  };
  set.dispose();
  return out;
}

function expectSame(actual: Omit<SparseCode, 'k'>, c: TopkCase) {
  const expected = topkReference(c.preActs, c);
  expect([...actual.latentIndices]).toEqual([...expected.latentIndices]);
  expect([...actual.latentActs]).toEqual([...expected.latentActs]);
}

/** Few distinct values, so that most of a row is ties. */
function tieHeavy(length: number, seed: number): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length }, () => rng.below(7) - 3);
}

test('the twin orders by value, then index, and keeps positives only', () => {
  const preActs = new Float32Array([2, -0, 5, 5, NaN, -1, Infinity, 0]);
  const { latentIndices, latentActs } = topkReference(preActs, { rows: 1, d_sae: 8, k: 6 });
  expect([...latentIndices]).toEqual([6, 2, 3, 0, EMPTY_SLOT, EMPTY_SLOT]);
  expect([...latentActs]).toEqual([Infinity, 5, 5, 2, 0, 0]);
});

const SHAPES = [
  { rows: 1, d_sae: 1, k: 1 },
  { rows: 3, d_sae: 65, k: 1 },
  { rows: 7, d_sae: 130, k: 5 },
  { rows: 5, d_sae: 512, k: 8 },
  { rows: 2, d_sae: 4099, k: 32 },
  { rows: 3, d_sae: 96, k: 96 },
  { rows: 2, d_sae: 131, k: 100 },
  // Groups by the thousand: their bound by radix select.
  { rows: 2, d_sae: 65_536, k: 128 },
] as const;

describe.each(['software', 'gpu'] as const)('topk, %s variant', (as) => {
  for (const shape of SHAPES) {
    const { rows, d_sae, k } = shape;
    const name = `${rows}×${d_sae}, k ${k}`;
    const length = rows * d_sae;
    const check = async (context: GpuContext, preActs: Float32Array, candidateCap?: number) => {
      const c = { ...shape, preActs };
      const out = await topkOnGpu(context, c, candidateCap === undefined ? {} : { candidateCap });
      expectSame(out, c);
      return out.overflowRows;
    };
    gpuTest(
      `${name}: well separated values`,
      async (context) => {
        expect(await check(context, gaussian(length, 11))).toBe(0);
      },
      { as },
    );
    gpuTest(
      `${name}: ties, and all equal`,
      async (context) => {
        await check(context, tieHeavy(length, 12));
        await check(context, new Float32Array(length).fill(1.5));
      },
      { as },
    );
    // Each shape costs a software driver two compilations.
    if (k !== 5 && k !== 8) continue;
    gpuTest(
      `${name}: overflow forced`,
      async (context) => {
        expect(await check(context, gaussian(length, 13), k - 1)).toBeGreaterThan(0);
      },
      { as },
    );
  }

  const special = (fill: (row: Float32Array) => void): TopkCase => {
    const preActs = new Float32Array(130).fill(-1);
    fill(preActs);
    return { preActs, rows: 1, d_sae: 130, k: 5 };
  };
  const cases: [string, TopkCase][] = [
    ['no positive at all', special(() => undefined)],
    ['zeros of either sign', special((row) => row.fill(-0, 3, 40).fill(0, 50, 60))],
    ['fewer than k positives', special((row) => row.set([3, 1, 2], 61))],
    ['NaN beside winners', special((row) => row.set([NaN, 1, -NaN, 2, NaN, 3, 0.5, 9], 20))],
    ['infinities', special((row) => row.set([Infinity, 1, -Infinity, Infinity, 2, 7, 8], 126 - 7))],
    ['denormals', special((row) => row.set([1e-45, 2e-45, 1e-40, 1e-39, 1e-44, 1e-38], 2))],
    ['one more than k ties at the bound', special((row) => row.set([4, 4, 1, 1, 1, 1], 8))],
  ];
  for (const [name, c] of cases) {
    for (const [candidateCap, bound] of [
      [512, 'count'],
      [4, 'count'],
      [512, 'radix'],
    ] as const) {
      gpuTest(
        `${name}, cap ${candidateCap}, ${bound}`,
        async (context) => {
          expectSame(await topkOnGpu(context, c, { candidateCap, bound }), c);
        },
        { as },
      );
    }
  }
});
