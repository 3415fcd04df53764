// dense_error, decoder_norms, dense_stats and dense_bdec_path against their twins.
import { describe, expect } from 'vitest';
import { columnMomentsReference } from '../../../src/core/reference/columnMoments';
import {
  decoderNormsReference,
  denseBdecPathReference,
  denseErrorReference,
  denseStatsReference,
} from '../../../src/core/reference/denseSums';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { CHUNK } from '../../../src/gpu/kernels/chunks';
import { DECODER_NORMS_LAYOUT, prepareDecoderNorms } from '../../../src/gpu/kernels/decoderNorms';
import {
  DENSE_BDEC_PATH_LAYOUT,
  prepareDenseBdecPath,
} from '../../../src/gpu/kernels/denseBdecPath';
import { DENSE_ERROR_LAYOUT, prepareDenseError } from '../../../src/gpu/kernels/denseError';
import {
  DENSE_METRICS_WORDS,
  DENSE_STATS_LAYOUT,
  parseDenseMetrics,
  prepareDenseStats,
} from '../../../src/gpu/kernels/denseStats';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import { gaussian } from '../../helpers/cases';
import {
  DENSE_LOSSES,
  DENSE_SHAPES,
  densePlan,
  isLongShape,
  denseTotalsCase,
  denseVectors,
  stepUniform,
} from '../../helpers/train/denseCase';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';
import { runKernel } from '../../helpers/device/runKernel';

const RELU = DENSE_LOSSES[0]!.loss;

describe.each(DENSE_SHAPES)('B $rows, d $d_in, n $d_sae', (shape) => {
  const { rows, d_in, d_sae } = shape;

  for (const centred of [true, false]) {
    gpuTest(`dense_error, ${centred ? 'centred' : 'not centred'}`, async (context) => {
      const plan = densePlan(context, shape, RELU, { applyBDecToInput: centred });
      const [product, xc] = [gaussian(rows * d_in, 1), gaussian(rows * d_in, 2)];
      const b_dec = gaussian(d_in, 3);
      const out = await runKernel(
        context,
        {
          kernel: await prepareDenseError(context, plan),
          layout: DENSE_ERROR_LAYOUT,
          inputs: {
            xc: padColumns(xc, d_in),
            b_dec: padColumns(b_dec, d_in),
            gradient: padColumns(product, d_in),
            chunk: packUniform(CHUNK, { rows }),
            step: stepUniform(plan),
          },
        },
        { rows },
      );
      const expected = denseErrorReference(product, xc, b_dec, { gradScale: 2 / rows, centred });
      const actual = stripRows(out.f32('gradient'), { cols: d_in, stride: plan.dStride });
      expect(actual).toBeAllclose(expected);
    });
  }

  for (const as of ['software', 'gpu'] as const) {
    gpuTest(
      `decoder_norms, ${as} variant`,
      async (context) => {
        const plan = densePlan(context, shape, RELU);
        const W_dec = gaussian(d_sae * d_in, 4);
        const out = await runKernel(context, {
          kernel: await prepareDecoderNorms(context, plan),
          layout: DECODER_NORMS_LAYOUT,
          inputs: { W_dec: padColumns(W_dec, d_in), norms: new Float32Array(d_sae) },
        });
        expect(out.f32('norms')).toBeAllclose(decoderNormsReference(W_dec, d_in));
      },
      { as },
    );
  }
});

describe.each(DENSE_LOSSES)('$name', ({ name, loss }) => {
  for (const as of ['software', 'gpu'] as const) {
    for (const shape of DENSE_SHAPES) {
      const { rows, d_in, d_sae } = shape;
      gpuTest(
        `dense_stats, B ${rows}, d ${d_in}, n ${d_sae}, ${as} variant`,
        async (context) => {
          const plan = densePlan(context, shape, loss);
          const { dStride, partRows } = plan;
          const totals = denseTotalsCase(plan, 5);
          const norms = gaussian(d_sae, 6, 0.1).map((value) => 1 + value);
          // Columns far off zero: a one-pass sum of squares would lose their scatter.
          const gradient = gaussian(rows * d_in, 7).map((g, at) => g + 3 * ((at % d_in) % 3));
          const gateGradient = gaussian(rows * d_in, 8);
          const moments = (g: Float32Array) =>
            Float32Array.from(
              columnMomentsReference(padColumns(g, d_in), { d: dStride, partRows }),
            );
          const out = await runKernel(context, {
            kernel: await prepareDenseStats(context, plan),
            layout: DENSE_STATS_LAYOUT,
            inputs: {
              totals: padRows(totals, { cols: d_sae, stride: 4 * plan.n4 }),
              norms,
              columnMoments: moments(gradient),
              gateMoments: moments(gateGradient),
              counters: new Uint32Array([5, 0, 0, 0]),
              metrics: new Uint32Array(DENSE_METRICS_WORDS),
              step: stepUniform(plan),
            },
          });
          const { buffer } = out.u32('metrics');
          const actual = parseDenseMetrics(buffer as ArrayBuffer, rows);
          const c = { loss, rows, totals, norms, gradient, gateGradient };
          const expected = denseStatsReference(c);
          for (const key of ['mse', 'sparsityLoss', 'auxLoss', 'l0'] as const) {
            expect([actual[key]], key).toBeAllclose([expected[key]], { atol: 1e-5 });
          }
          expect(actual.nanCount).toBe(5);
        },
        { as, isLong: isLongShape(loss, as, shape) },
      );
    }
  }

  gpuTest(`dense_bdec_path, three parts of latents: ${name}`, async (context) => {
    const plan = densePlan(context, { rows: 9, d_in: 30, d_sae: 130 }, loss);
    const { d_in, d_sae, latentParts, dStride } = plan;
    const totals = denseTotalsCase(plan, 9);
    const vectors = denseVectors(plan, 10);
    const W_enc = gaussian(d_sae * d_in, 11);
    const out = await runKernel(context, {
      kernel: await prepareDenseBdecPath(context, plan),
      layout: DENSE_BDEC_PATH_LAYOUT,
      inputs: {
        totals: padRows(totals, { cols: d_sae, stride: 4 * plan.n4 }),
        vectors,
        W_enc: padColumns(W_enc, d_in),
        encoderPath: new Float32Array(latentParts * dStride),
      },
    });
    const r_mag = vectors.subarray(6 * d_sae, 7 * d_sae);
    const o = { d: d_in, partLatents: 64, r_mag };
    const expected = denseBdecPathReference(loss.kind, totals, W_enc, o);
    expect(latentParts).toBe(3);
    const actual = stripRows(out.f32('encoderPath'), { cols: d_in, stride: dStride });
    expect(actual).toBeAllclose(expected, { atol: 1e-5 });
  });
});
