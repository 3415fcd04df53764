// weight_average.wgsl against its f64 twin: spans inside a longer buffer, odd lengths.
import { describe, expect } from 'vitest';
import { weightAverageReference } from '../../../src/core/reference/weightAverage';
import { makeRng } from '../../../src/core/numeric/rng';
import {
  averageSpan,
  WEIGHT_AVERAGE_LAYOUT,
  weightAverage,
} from '../../../src/gpu/kernels/weightAverage';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { runKernel } from '../../helpers/device/runKernel';

describe('weight_average', () => {
  // 63 and 65 straddle a workgroup: the tail lanes must not write.
  for (const [first, count] of [
    [0, 1],
    [7, 63],
    [130, 65],
    [3, 1000],
  ] as const) {
    gpuTest(`moves ${count} averages towards the values from word ${first} on`, async (context) => {
      const rng = makeRng(count);
      const values = Float32Array.from({ length: first + count + 5 }, () => rng.normal());
      // One more than is averaged, which must stay.
      const averages = Float32Array.from({ length: count + 1 }, () => rng.normal());
      const rate = Math.fround(1 - 0.99);
      const run = {
        kernel: await weightAverage.prepare(context, { overrides: {} }),
        layout: WEIGHT_AVERAGE_LAYOUT,
        inputs: { values, averages, span: averageSpan({ first, count, rate }) },
      };
      const out = await runKernel(context, run, { count });
      const expected = weightAverageReference(values, averages.subarray(0, count), { first, rate });
      const read = out.f32('averages');
      expect(read.subarray(0, count)).toBeAllclose(expected, { rtol: 1e-6, atol: 1e-7 });
      expect(read[count]).toBe(averages[count]);
    });
  }
});
