// dense_activate, dense_delta and dense_totals against their twins, entry by entry.
import { describe, expect } from 'vitest';
import type { DenseLoss } from '../../../src/core/train/denseLoss';
import {
  denseActivateReference,
  denseDeltaReference,
  denseTotalsReference,
} from '../../../src/core/reference/denseDelta';
import { LOWEST_F32 } from '../../../src/core/reference/saeEncode';
import { makeRng } from '../../../src/core/numeric/rng';
import type { GpuContext } from '../../../src/gpu/device/device';
import { packUniform } from '../../../src/gpu/device/uniformStruct';
import { CHUNK } from '../../../src/gpu/kernels/chunks';
import {
  DENSE_ACTIVATE_LAYOUT,
  prepareDenseActivate,
} from '../../../src/gpu/kernels/denseActivate';
import {
  DENSE_DELTA_LAYOUT,
  DENSE_CHUNK,
  prepareDenseDelta,
} from '../../../src/gpu/kernels/denseDelta';
import { DENSE_TOTALS_LAYOUT, prepareDenseTotals } from '../../../src/gpu/kernels/denseTotals';
import { gaussian } from '../../helpers/cases';
import {
  DENSE_LOSSES,
  DENSE_SHAPES,
  densePlan,
  denseVectors,
  latentVectors,
  stepUniform,
  type DenseCaseShape,
} from '../../helpers/train/denseCase';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { padRows, stripRows } from '../../helpers/rows';
import { runKernel } from '../../helpers/device/runKernel';

const DEAD_AFTER = 100;

/** One dense matrix [rows, n], padded as encode leaves it. */
function padded(data: Float32Array, d_sae: number, stride: number): Float32Array {
  return padRows(data, { cols: d_sae, stride, fill: LOWEST_F32 });
}

async function activateOnGpu(context: GpuContext, shape: DenseCaseShape, loss: DenseLoss) {
  const plan = densePlan(context, shape, loss);
  const { rows, d_sae, n4 } = plan;
  const preActs = gaussian(rows * d_sae, 11, 0.5);
  const vectors = denseVectors(plan, 12);
  const strip = (data: Float32Array) => stripRows(data, { cols: d_sae, stride: 4 * n4 });
  const out = await runKernel(
    context,
    {
      kernel: await prepareDenseActivate(context, { kind: loss.kind, d_sae, n4 }),
      layout: DENSE_ACTIVATE_LAYOUT,
      inputs: {
        preActs: padded(preActs, d_sae, 4 * n4),
        vectors,
        acts: new Float32Array(rows * n4 * 4).fill(7),
        gateActs: new Float32Array(rows * n4 * 4).fill(7),
        chunk: packUniform(CHUNK, { rows }),
      },
    },
    { rows },
  );
  const expected = Array.from(preActs, (z, at) =>
    denseActivateReference(loss.kind, z, { vectors: latentVectors(vectors, d_sae, at % d_sae) }),
  );
  const tail = out.f32('acts').filter((_, i) => i % (4 * n4) >= d_sae);
  return { acts: strip(out.f32('acts')), gate: strip(out.f32('gateActs')), expected, tail };
}

async function deltaOnGpu(
  context: GpuContext,
  shape: DenseCaseShape,
  { loss, accumulate }: { loss: DenseLoss; accumulate: boolean },
) {
  const plan = densePlan(context, shape, loss, { deadAfterTokens: DEAD_AFTER });
  const { rows, d_sae, n4, slots, chunkParts, partRows } = plan;
  const [preActs, grads] = [gaussian(rows * d_sae, 21, 0.5), gaussian(rows * d_sae, 22, 0.1)];
  const gateGrads = gaussian(rows * d_sae, 23, 0.1);
  const vectors = denseVectors(plan, 24);
  const norms = gaussian(d_sae, 25, 0.2).map((value) => 1 + value);
  const rng = makeRng(26);
  const since = Uint32Array.from({ length: d_sae }, () => rng.below(2 * DEAD_AFTER));
  const stride = 4 * n4;
  const before = gaussian(chunkParts * slots * stride, 27);
  const out = await runKernel(
    context,
    {
      kernel: await prepareDenseDelta(context, plan),
      layout: DENSE_DELTA_LAYOUT,
      inputs: {
        preActs: padded(preActs, d_sae, stride),
        gateGrads: padded(gateGrads, d_sae, stride),
        vectors,
        norms,
        tokensSinceFired: since,
        actGrads: padded(grads, d_sae, stride),
        columnParts: before,
        chunk: packUniform(DENSE_CHUNK, { rows, accumulate: accumulate ? 1 : 0 }),
        step: stepUniform(plan),
      },
    },
    { rows },
  );
  const sums = Float64Array.from(before, (value) => (accumulate ? value : 0));
  const delta = Array.from(preActs, (z, at) => {
    const latent = at % d_sae;
    const entry = denseDeltaReference({
      z,
      grad: grads[at]!,
      gateGrad: gateGrads[at]!,
      loss,
      rows,
      latent: {
        vectors: latentVectors(vectors, d_sae, latent),
        norm: norms[latent]!,
        isDead: since[latent]! >= DEAD_AFTER,
      },
    });
    const part = Math.floor(Math.floor(at / d_sae) / partRows);
    entry.sums.forEach((value, slot) => {
      sums[(part * slots + slot) * stride + latent]! += value;
    });
    return entry.delta;
  });
  const tail = out.f32('actGrads').filter((_, i) => i % stride >= d_sae);
  const strip = (data: Float32Array) => stripRows(data, { cols: d_sae, stride });
  return {
    actual: { delta: strip(out.f32('actGrads')), sums: strip(out.f32('columnParts')) },
    expected: { delta, sums: strip(Float32Array.from(sums)) },
    tail,
  };
}

describe.each(DENSE_LOSSES)('$name', ({ loss }) => {
  for (const shape of DENSE_SHAPES) {
    const name = `B ${shape.rows}, n ${shape.d_sae}`;
    gpuTest(`dense_activate, ${name}`, async (context) => {
      const { acts, gate, expected, tail } = await activateOnGpu(context, shape, loss);
      const f = expected.map((entry) => entry.f);
      expect(acts).toBeAllclose(f);
      if (shape.d_sae > 1) expect(f.some((act) => act > 0) && f.includes(0)).toBe(true);
      expect(tail.every((act) => act === 0)).toBe(true);
      if (loss.kind === 'gated') expect(gate).toBeAllclose(expected.map((entry) => entry.gate));
      else expect(gate.every((value) => value === 7)).toBe(true);
    });

    for (const accumulate of [false, true]) {
      gpuTest(`dense_delta, ${name}, ${accumulate ? 'added' : 'first chunk'}`, async (context) => {
        const { actual, expected, tail } = await deltaOnGpu(context, shape, { loss, accumulate });
        expect(actual.delta).toBeAllclose(expected.delta);
        expect(actual.sums).toBeAllclose(expected.sums, { atol: 1e-5 });
        expect(tail.every((value) => value === 0)).toBe(true);
      });
    }
  }
});

gpuTest('dense_totals adds the parts of every slot', async (context) => {
  const plan = densePlan(context, { rows: 200, d_in: 8, d_sae: 130 }, DENSE_LOSSES[1]!.loss);
  const width = plan.slots * plan.n4 * 4;
  const columnParts = gaussian(plan.chunkParts * width, 31);
  const out = await runKernel(context, {
    kernel: await prepareDenseTotals(context, plan),
    layout: DENSE_TOTALS_LAYOUT,
    inputs: { columnParts, totals: new Float32Array(width) },
  });
  const expected = denseTotalsReference(columnParts, { parts: plan.chunkParts, width });
  expect(plan.chunkParts).toBe(4);
  expect(out.f32('totals')).toBeAllclose(expected);
});
