// column_moments and error_variance against their twins.
import { describe, expect } from 'vitest';
import {
  columnMomentsReference,
  errorVarianceReference,
} from '../../../src/core/reference/columnMoments';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { prepareColumnMoments } from '../../../src/gpu/kernels/columnMoments';
import { prepareErrorVariance } from '../../../src/gpu/kernels/errorVariance';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { stripRows } from '../../helpers/rows';
import { casePlan, type CaseShape } from '../../helpers/train/trainerCase';

const GRAD_SCALE = 0.05;

async function onGpu(context: GpuContext, shape: CaseShape, data: Float32Array) {
  const plan = casePlan(context, shape);
  const { dStride, rowParts } = plan;
  const set = createBufferSet(context, 'test');
  const gradient = set.storage('gradient', padColumns(data, shape.d_in));
  const columnMoments = set.storage('columnMoments', rowParts * 2 * dStride * 4);
  const errorVariance = set.storage('errorVariance', 4);
  const step = set.uniform('step', new Float32Array([GRAD_SCALE, 0, 0, 0]));
  const moments = (await prepareColumnMoments(context, plan)).bind({ gradient, columnMoments });
  const variance = (await prepareErrorVariance(context, plan)).bind({
    columnMoments,
    errorVariance,
    step,
  });
  submitPass(context, 'moments', (pass) => {
    moments.encode(pass);
    variance.encode(pass);
  });
  const padded = await readF32(context, columnMoments, rowParts * 2 * dStride);
  return {
    moments: stripRows(padded, { cols: shape.d_in, stride: dStride }),
    variance: (await readF32(context, errorVariance, 1))[0]!,
    partRows: plan.partRows,
  };
}

describe.each(['software', 'gpu'] as const)('error variance, %s variant', (as) => {
  for (const [rows, d_in] of [
    [1, 4],
    [33, 48],
    [64, 80],
    [65, 30],
    [200, 260],
  ] as const) {
    gpuTest(
      `B ${rows}, d ${d_in}: columns far off zero`,
      async (context) => {
        // A mean of 30 deviations would cost a one-pass formula its digits.
        const data = gaussian(rows * d_in, 41).map((value, at) => value + 30 * ((at % d_in) % 3));
        const shape = { rows, d_in, d_sae: 64, k: 2 };
        const actual = await onGpu(context, shape, data);
        const { partRows } = actual;
        const expected = columnMomentsReference(data, { d: d_in, partRows });
        expect(actual.moments).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-3 });
        const variance = errorVarianceReference(data, { d: d_in, gradScale: GRAD_SCALE });
        expect(actual.variance).toBeCloseTo(variance, rows === 1 ? 6 : 0);
        expect(Math.abs(actual.variance - variance)).toBeLessThanOrEqual(1e-5 * variance);
      },
      { as },
    );
  }
});
