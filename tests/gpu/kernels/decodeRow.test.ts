// decode_row and aux_decode_row against their twin.
import { describe, expect } from 'vitest';
import { decodeRowReference } from '../../../src/core/reference/decodeRow';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { prepareAuxDecodeRow } from '../../../src/gpu/kernels/auxDecodeRow';
import { prepareDecodeRow } from '../../../src/gpu/kernels/decodeRow';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { stripRows } from '../../helpers/rows';
import {
  casePlan,
  describeShape,
  randomCode,
  range,
  SHAPES,
  type CaseShape,
} from '../../helpers/train/trainerCase';
import { unitRows } from '../../helpers/unitRows';

const GRAD_SCALE = 0.037;

function makeCase(shape: CaseShape, k: number, full = false) {
  const { rows, d_in: d, d_sae } = shape;
  return {
    code: randomCode({ rows, k, among: range(d_sae), seed: 5, full }),
    W_dec: unitRows(gaussian(d_sae * d, 6), d),
    target: gaussian(rows * d, 7),
    gradScale: GRAD_SCALE,
    d,
  };
}

type DecodeCase = ReturnType<typeof makeCase>;
type DecodedRows = Record<'gradient' | 'preActGrad' | 'rowStats', ArrayLike<number>>;

async function decodeOnGpu(
  context: GpuContext,
  shape: CaseShape,
  c: DecodeCase,
  b_dec?: Float32Array,
) {
  const { rows, d_in: d, k } = shape;
  const plan = casePlan(context, shape, { applyBDecToInput: b_dec === undefined });
  const set = createBufferSet(context, 'test');
  const gradient = set.storage('gradient', rows * plan.dStride * 4);
  const preActGrad = set.storage('preActGrad', rows * k * 4);
  const rowStats = set.storage('rowStats', rows * 8);
  const bound = (await prepareDecodeRow(context, plan)).bind({
    latentIndices: set.storage('latentIndices', c.code.latentIndices),
    latentActs: set.storage('latentActs', c.code.latentActs),
    W_dec: set.storage('W_dec', padColumns(c.W_dec, d)),
    targets: set.storage('targets', padColumns(c.target, d)),
    b_dec: set.storage('b_dec', padColumns(b_dec ?? new Float32Array(d).fill(9), d)),
    gradient,
    preActGrad,
    rowStats,
    step: set.uniform('step', new Float32Array([GRAD_SCALE, 0, 0, 0])),
  });
  submitPass(context, 'decode_row', (pass) => {
    bound.encode(pass);
  });
  const padded = await readF32(context, gradient, rows * plan.dStride);
  return {
    gradient: stripRows(padded, { cols: d, stride: plan.dStride }),
    preActGrad: await readF32(context, preActGrad, rows * k),
    rowStats: await readF32(context, rowStats, rows * 2),
  };
}

function expectSame(actual: DecodedRows, expected: DecodedRows) {
  expect(actual.gradient).toBeAllclose(expected.gradient);
  expect(actual.preActGrad).toBeAllclose(expected.preActGrad);
  expect(actual.rowStats).toBeAllclose(expected.rowStats);
}

describe.each(['software', 'gpu'] as const)('decode_row, %s variant', (as) => {
  for (const shape of SHAPES) {
    gpuTest(
      describeShape(shape),
      async (context) => {
        const c = makeCase(shape, shape.k);
        expectSame(await decodeOnGpu(context, shape, c), decodeRowReference(c));
      },
      { as },
    );
  }

  gpuTest(
    'k = d_sae, every slot used, too many slots for partial sums in workgroup memory',
    async (context) => {
      const shape = { rows: 3, d_in: 48, d_sae: 600, k: 600 };
      const c = makeCase(shape, shape.k, true);
      const expected = decodeRowReference(c);
      const actual = await decodeOnGpu(context, shape, c);
      // 600 summands a value: a longer reduction than the default tolerance is for.
      expect(actual.gradient).toBeAllclose(expected.gradient, { atol: 1e-5 });
      expect(actual.preActGrad).toBeAllclose(expected.preActGrad, { atol: 1e-5 });
      expect(actual.rowStats).toBeAllclose(expected.rowStats);
    },
    { as },
  );

  gpuTest(
    'an input that is not centred: b_dec is part of the reconstruction',
    async (context) => {
      const shape = SHAPES[1]!;
      const c = makeCase(shape, shape.k);
      const b_dec = gaussian(c.d, 8);
      const target = c.target.map((x, at) => x - b_dec[at % c.d]!);
      expectSame(await decodeOnGpu(context, shape, c, b_dec), decodeRowReference({ ...c, target }));
    },
    { as },
  );
});

async function auxDecodeOnGpu(
  context: GpuContext,
  shape: CaseShape,
  c: DecodeCase,
  variance: number,
) {
  const { rows, d_in: d } = shape;
  const plan = casePlan(context, shape);
  const { dStride, k_aux } = plan;
  const set = createBufferSet(context, 'test');
  // The main half holds −gradScale·e, e the error to rebuild; the other half garbage.
  const main = c.target.map((e) => -GRAD_SCALE * e);
  const gradient = set.storage('gradient', padColumns(Float32Array.of(...main, ...main), d));
  const auxPreActGrad = set.storage('auxPreActGrad', rows * k_aux * 4);
  const auxRowStats = set.storage('auxRowStats', rows * 8);
  const bound = (await prepareAuxDecodeRow(context, plan)).bind({
    latentIndices: set.storage('auxIndices', c.code.latentIndices),
    latentActs: set.storage('auxActs', c.code.latentActs),
    W_dec: set.storage('W_dec', padColumns(c.W_dec, d)),
    errorVariance: set.storage('errorVariance', new Float32Array([variance])),
    gradient,
    preActGrad: auxPreActGrad,
    rowStats: auxRowStats,
    step: set.uniform('step', new Float32Array([GRAD_SCALE, 0.011, 0, 0])),
  });
  submitPass(context, 'aux_decode_row', (pass) => {
    bound.encode(pass);
  });
  const padded = await readF32(context, gradient, 2 * rows * dStride);
  const halves = stripRows(padded, { cols: d, stride: dStride });
  expect([...halves.subarray(0, rows * d)]).toEqual([...main]);
  return {
    gradient: halves.subarray(rows * d),
    preActGrad: await readF32(context, auxPreActGrad, rows * k_aux),
    rowStats: await readF32(context, auxRowStats, rows * 2),
  };
}

describe.each(['software', 'gpu'] as const)('aux_decode_row, %s variant', (as) => {
  for (const shape of SHAPES) {
    gpuTest(
      describeShape(shape),
      async (context) => {
        const c = makeCase(shape, casePlan(context, shape).k_aux);
        const expected = decodeRowReference({ ...c, gradScale: 0.011 / 0.4 });
        expectSame(await auxDecodeOnGpu(context, shape, c, 0.4), expected);
      },
      { as },
    );
  }

  gpuTest(
    'an error without variance gives no gradient',
    async (context) => {
      const shape = SHAPES[1]!;
      const c = makeCase(shape, 7);
      const actual = await auxDecodeOnGpu(context, shape, c, 0);
      expect(actual.gradient.every((g) => g === 0)).toBe(true);
      expect(actual.preActGrad.every((g) => g === 0)).toBe(true);
    },
    { as },
  );
});
