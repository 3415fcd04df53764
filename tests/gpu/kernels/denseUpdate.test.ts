// dense_latent_gradient, dense_bdec_adam, dense_update and dense_dead against their twins.
import { describe, expect } from 'vitest';
import { LATENT_VECTORS } from '../../../src/core/train/denseLoss';
import { adamReference, type AdamStep } from '../../../src/core/reference/adam';
import {
  clipReference,
  denseDeadReference,
  denseLatentGradientReference,
  denseUpdateReference,
} from '../../../src/core/reference/denseUpdate';
import { makeRng } from '../../../src/core/numeric/rng';
import type { DensePlan } from '../../../src/gpu/train/densePlan';
import {
  DENSE_BDEC_ADAM_LAYOUT,
  prepareDenseBdecAdam,
} from '../../../src/gpu/kernels/denseBdecAdam';
import { DENSE_DEAD_LAYOUT, prepareDenseDead } from '../../../src/gpu/kernels/denseDead';
import {
  DENSE_LATENT_GRADIENT_LAYOUT,
  prepareDenseLatentGradient,
} from '../../../src/gpu/kernels/denseLatentGradient';
import { DENSE_METRICS_WORDS } from '../../../src/gpu/kernels/denseStats';
import { DENSE_UPDATE_LAYOUT, prepareDenseUpdate } from '../../../src/gpu/kernels/denseUpdate';
import { padColumns } from '../../../src/gpu/sae/latentMajor';
import { gaussian } from '../../helpers/cases';
import {
  DENSE_LOSSES,
  DENSE_SHAPES,
  densePlan,
  isLongShape,
  denseTotalsCase,
  denseVectors,
  latentVectors,
  stepUniform,
} from '../../helpers/train/denseCase';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';
import { runKernel } from '../../helpers/device/runKernel';

const NORMS = ['unit', 'free'] as const;
const CASES = DENSE_LOSSES.flatMap((c) => NORMS.map((decoderNorm) => ({ ...c, decoderNorm })));

/** Scales of step 3 at lr 0.01, as stepUniform has them. */
function adamStep({ beta1, beta2, eps }: DensePlan): AdamStep {
  const [b1, b2] = [Math.fround(beta1), Math.fround(beta2)];
  // The kernel has the betas in f32: 1 − 0.999 differs by 1e-5 of itself.
  const scales = { rate: 0.01 / (1 - b1 ** 4), secondScale: 1 / (1 - b2 ** 4) };
  return { beta1: b1, beta2: b2, eps, ...scales };
}

const row = (data: Float32Array, latent: number, cols: number) => [
  ...data.subarray(latent * cols, (latent + 1) * cols),
];

for (const as of ['software', 'gpu'] as const) {
  describe.each(CASES)(`$name, $decoderNorm norm, ${as} variant`, ({ loss, decoderNorm }) => {
    for (const shape of DENSE_SHAPES) {
      const { rows, d_in, d_sae } = shape;
      gpuTest(
        `dense_latent_gradient, B ${rows}, d ${d_in}, n ${d_sae}`,
        async (context) => {
          const plan = densePlan(context, shape, loss, { decoderNorm });
          const totals = denseTotalsCase(plan, 1);
          const [W_dec, gradEnc] = [gaussian(d_sae * d_in, 2), gaussian(d_sae * d_in, 3)];
          const gradDec = gaussian(d_sae * d_in, 4);
          const norms = gaussian(d_sae, 5, 0.1).map((value) => 1 + value);
          const metrics = new Uint32Array(DENSE_METRICS_WORDS);
          metrics[2] = 4 * rows + 1;
          const out = await runKernel(context, {
            kernel: await prepareDenseLatentGradient(context, plan),
            layout: DENSE_LATENT_GRADIENT_LAYOUT,
            inputs: {
              totals: padRows(totals, { cols: d_sae, stride: 4 * plan.n4 }),
              vectors: denseVectors(plan, 6),
              norms,
              metrics,
              W_dec: padColumns(W_dec, d_in),
              gradEnc: padColumns(gradEnc, d_in),
              gradDec: padColumns(gradDec, d_in),
              latentGradients: new Float32Array((plan.vectors + 1) * d_sae + 1),
              step: stepUniform(plan),
            },
          });
          const expected = Array.from({ length: d_sae }, (_, latent) =>
            denseLatentGradientReference({
              loss,
              rows,
              decoderNorm,
              l0: metrics[2]! / rows,
              totals: Array.from({ length: plan.slots }, (_, s) => totals[s * d_sae + latent]!),
              norm: norms[latent]!,
              w: row(W_dec, latent, d_in),
              gradEnc: row(gradEnc, latent, d_in),
              gradDec: row(gradDec, latent, d_in),
            }),
          );
          const actual = stripRows(out.f32('gradDec'), { cols: d_in, stride: plan.dStride });
          expect(actual).toBeAllclose(
            expected.flatMap((e) => e.gradDec),
            { atol: 1e-5 },
          );
          const finished = out.f32('latentGradients');
          for (let which = 0; which < plan.vectors; which++) {
            const values = finished.subarray(which * d_sae, (which + 1) * d_sae);
            expect(values).toBeAllclose(
              expected.map((e) => e.vectors[which]!),
              { atol: 1e-5 },
            );
          }
          const squares = finished.subarray(plan.normsAt, plan.normsAt + d_sae);
          expect(squares).toBeAllclose(
            expected.map((e) => e.norm2),
            { atol: 1e-5 },
          );
        },
        { as, isLong: isLongShape(loss, as, shape) },
      );
    }
  });

  // The mode is nothing to dense_update.
  describe.each(CASES.filter((c) => !/step|tanh/.test(c.name)))(
    `dense_update, $name, $decoderNorm norm, ${as} variant`,
    ({ loss, decoderNorm }) => {
      for (const shape of DENSE_SHAPES) {
        const { d_in, d_sae } = shape;
        gpuTest(
          `d ${d_in}, n ${d_sae}`,
          async (context) => {
            const plan = densePlan(context, shape, loss, { decoderNorm });
            const count = d_sae * d_in;
            const matrices = { W_enc: gaussian(count, 1), W_dec: gaussian(count, 2) };
            const grads = { enc: gaussian(count, 3, 0.1), dec: gaussian(count, 4, 0.1) };
            const moments = { encM: gaussian(count, 5, 0.1), decM: gaussian(count, 6, 0.1) };
            const v = gaussian(count, 7, 0.1).map((value) => value * value);
            const vectors = denseVectors(plan, 8);
            const latentGradients = gaussian((plan.vectors + 1) * d_sae + 1, 9, 0.1);
            const factor = 0.25;
            latentGradients[latentGradients.length - 1] = factor;
            // m, v of one latent are neighbours: rows of an interleaved matrix.
            const interleaved = (m: Float32Array) => {
              const both = new Float32Array(2 * count);
              for (let latent = 0; latent < d_sae; latent++) {
                both.set(row(m, latent, d_in), 2 * latent * d_in);
                both.set(row(v, latent, d_in), (2 * latent + 1) * d_in);
              }
              return padColumns(both, d_in);
            };
            const out = await runKernel(context, {
              kernel: await prepareDenseUpdate(context, plan),
              layout: DENSE_UPDATE_LAYOUT,
              inputs: {
                gradEnc: padColumns(grads.enc, d_in),
                gradDec: padColumns(grads.dec, d_in),
                latentGradients,
                vectors,
                W_enc: padColumns(matrices.W_enc, d_in),
                W_dec: padColumns(matrices.W_dec, d_in),
                momentsEnc: interleaved(moments.encM),
                momentsDec: interleaved(moments.decM),
                step: stepUniform(plan),
              },
            });
            const names = LATENT_VECTORS[loss.kind];
            const expected = Array.from({ length: d_sae }, (_, latent) => {
              const at = (which: number) => 3 * which * d_sae + latent;
              const part = (offset: number) =>
                names.map((_, which) => vectors[at(which) + offset * d_sae]!);
              const state = {
                enc: {
                  p: row(matrices.W_enc, latent, d_in),
                  m: row(moments.encM, latent, d_in),
                  v: row(v, latent, d_in),
                },
                dec: {
                  p: row(matrices.W_dec, latent, d_in),
                  m: row(moments.decM, latent, d_in),
                  v: row(v, latent, d_in),
                },
                vectors: { p: part(0), m: part(1), v: part(2) },
              };
              const gradients = {
                enc: row(grads.enc, latent, d_in),
                dec: row(grads.dec, latent, d_in),
                vectors: names.map((_, which) => latentGradients[which * d_sae + latent]!),
              };
              const o = { factor, adam: adamStep(plan), decoderNorm };
              return denseUpdateReference(state, gradients, o);
            });
            const strip = (data: Float32Array) =>
              stripRows(data, { cols: d_in, stride: plan.dStride });
            expect(strip(out.f32('W_enc'))).toBeAllclose(expected.flatMap((e) => e.enc.p));
            expect(strip(out.f32('W_dec'))).toBeAllclose(expected.flatMap((e) => e.dec.p));
            const both = (pick: (e: (typeof expected)[number]) => { m: number[]; v: number[] }) =>
              expected.flatMap((e) => [...pick(e).m, ...pick(e).v]);
            expect(strip(out.f32('momentsEnc'))).toBeAllclose(both((e) => e.enc));
            expect(strip(out.f32('momentsDec'))).toBeAllclose(both((e) => e.dec));
            for (let latent = 0; latent < d_sae; latent++) {
              const actual = latentVectors(out.f32('vectors'), d_sae, latent);
              expect(actual).toBeAllclose(expected[latent]!.vectors.p);
            }
          },
          { as, isLong: isLongShape(loss, as, shape) },
        );
      }
    },
  );

  describe(`dense_bdec_adam, ${as} variant`, () => {
    for (const [clipNorm, applyBDecToInput] of [
      [1, true],
      [0, true],
      [1e6, false],
    ] as const) {
      gpuTest(
        `clip ${clipNorm}, ${applyBDecToInput ? 'centred' : 'not centred'}`,
        async (context) => {
          const shape = { rows: 130, d_in: 30, d_sae: 130 };
          const o = { clipNorm, applyBDecToInput };
          const plan = densePlan(context, shape, DENSE_LOSSES[1]!.loss, o);
          const { dStride, rowParts, latentParts, normsAt } = plan;
          const { d_in, d_sae } = shape;
          const sums = gaussian(2 * rowParts * d_in, 1);
          const path = gaussian(latentParts * d_in, 2);
          const bias = gaussian(3 * d_in, 3).map((value, at) =>
            at >= 2 * d_in ? value ** 2 : value,
          );
          const latentGradients = gaussian(normsAt + d_sae + 1, 4).map((value) => value * value);
          const out = await runKernel(context, {
            kernel: await prepareDenseBdecAdam(context, plan),
            layout: DENSE_BDEC_ADAM_LAYOUT,
            inputs: {
              columnMoments: padColumns(sums, d_in),
              encoderPath: padColumns(path, d_in),
              latentGradients,
              decoderBias: padColumns(bias, d_in),
              metrics: new Uint32Array(DENSE_METRICS_WORDS),
              step: stepUniform(plan),
            },
          });
          const g = Array.from({ length: d_in }, (_, i) => {
            let sum = 0;
            for (let part = 0; part < rowParts; part++) sum += sums[2 * part * d_in + i]!;
            if (!applyBDecToInput) return sum;
            for (let part = 0; part < latentParts; part++) sum -= path[part * d_in + i]!;
            return sum;
          });
          const norms = latentGradients.subarray(normsAt, normsAt + d_sae);
          const { norm, factor } = clipReference(norms, g, clipNorm);
          const finished = out.f32('latentGradients');
          expect([finished[normsAt + d_sae]!]).toBeAllclose([factor]);
          expect([out.f32('metrics')[5]!]).toBeAllclose([norm]);
          expect(factor < 1).toBe(clipNorm === 1);
          const before = { p: row(bias, 0, d_in), m: row(bias, 1, d_in), v: row(bias, 2, d_in) };
          const after = adamReference(
            before,
            g.map((value) => factor * value),
            adamStep(plan),
          );
          const actual = stripRows(out.f32('decoderBias'), { cols: d_in, stride: dStride });
          expect(actual).toBeAllclose([...after.p, ...after.m, ...after.v], { atol: 1e-5 });
        },
        { as },
      );
    }
  });

  gpuTest(
    `dense_dead, ${as} variant: counts tokens, stops at the end, counts the dead`,
    async (context) => {
      const shape = { rows: 33, d_in: 4, d_sae: 300 };
      const plan = densePlan(context, shape, DENSE_LOSSES[0]!.loss, { deadAfterTokens: 500 });
      const rng = makeRng(1);
      const fired = Float32Array.from({ length: plan.slots * plan.n4 * 4 }, () => rng.below(2));
      const since = Uint32Array.from({ length: 300 }, (_, i) =>
        i % 3 === 0 ? 0xfffffffe - (i % 2) : 430 + rng.below(80),
      );
      const out = await runKernel(context, {
        kernel: await prepareDenseDead(context, plan),
        layout: DENSE_DEAD_LAYOUT,
        inputs: {
          totals: fired,
          tokensSinceFired: since,
          metrics: new Uint32Array(DENSE_METRICS_WORDS),
        },
      });
      const expected = denseDeadReference(fired, since, 33);
      expect([...out.u32('tokensSinceFired')]).toEqual([...expected]);
      const dead = expected.filter((tokens) => tokens >= 500).length;
      expect(out.u32('metrics')[7]).toBe(dead);
      expect(dead).toBeGreaterThan(0);
    },
    { as },
  );
}
