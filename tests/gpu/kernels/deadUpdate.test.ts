// dead_update and step_stats: counters in tokens, the dead list, the metrics slot.
import { describe, expect } from 'vitest';
import { cscReference, type Csc } from '../../../src/core/reference/csc';
import { deadUpdateReference } from '../../../src/core/reference/deadUpdate';
import { makeRng } from '../../../src/core/numeric/rng';
import { createBufferSet, readU32 } from '../../../src/gpu/device/buffers';
import { submitPass } from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';
import { deadBuffer, prepareDeadUpdate } from '../../../src/gpu/kernels/deadUpdate';
import { METRICS_WORDS, parseMetrics, prepareStepStats } from '../../../src/gpu/kernels/stepStats';
import { cscWords } from '../../helpers/train/cscWords';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import {
  casePlan,
  describeShape,
  randomCode,
  range,
  SHAPES,
  type CaseShape,
} from '../../helpers/train/trainerCase';

const DEAD_AFTER = 500;

async function deadOnGpu(context: GpuContext, shape: CaseShape, csc: Csc, since: Uint32Array) {
  const plan = casePlan(context, shape, { deadAfterTokens: DEAD_AFTER });
  const set = createBufferSet(context, 'test');
  const tokensSinceFired = set.storage('tokensSinceFired', since);
  const dead = set.storage('dead', new Uint32Array(16 + plan.d_sae).fill(77));
  const metrics = set.storage('metrics', METRICS_WORDS * 4);
  const bound = (await prepareDeadUpdate(context, plan)).bind({
    csc: set.storage('csc', cscWords(csc, plan)),
    tokensSinceFired,
    dead,
    metrics,
  });
  submitPass(context, 'dead_update', (pass) => {
    bound.encode(pass);
  });
  const list = await readU32(context, dead, 16 + plan.d_sae);
  const expectedHeader = (latents: Uint32Array) => deadBuffer(latents, plan).subarray(4, 16);
  return {
    tokensSinceFired: await readU32(context, tokensSinceFired, plan.d_sae),
    dead: list.slice(16, 16 + list[0]!),
    header: list.slice(4, 16),
    expectedHeader,
    metricsCount: (await readU32(context, metrics, METRICS_WORDS))[7]!,
  };
}

describe.each(['software', 'gpu'] as const)('dead_update, %s variant', (as) => {
  for (const shape of SHAPES) {
    const { rows, d_sae, k } = shape;
    const rng = makeRng(61);
    const counters: [string, Uint32Array][] = [
      ['none dead', new Uint32Array(d_sae)],
      ['all dead unless they fire', new Uint32Array(d_sae).fill(DEAD_AFTER)],
      ['around the bound', range(d_sae).map(() => DEAD_AFTER - 2 * rows + rng.below(3 * rows))],
      ['counters at their end', new Uint32Array(d_sae).fill(0xfffffffe)],
    ];
    for (const [name, since] of counters) {
      gpuTest(
        `${describeShape(shape)}: ${name}`,
        async (context) => {
          // Only half of the latents may fire; AuxK's slots reach all, and are no firings.
          const half = range(Math.ceil(d_sae / 2));
          const main = randomCode({ rows, k, among: half, seed: 62 });
          const aux = randomCode({ rows, k: shape.k_aux!, among: range(d_sae), seed: 63 });
          const csc = cscReference(main, aux, d_sae);
          const actual = await deadOnGpu(context, shape, csc, since);
          const expected = deadUpdateReference(csc, since, { rows, deadAfter: DEAD_AFTER });
          expect([...actual.tokensSinceFired]).toEqual([...expected.tokensSinceFired]);
          expect([...actual.dead]).toEqual([...expected.dead]);
          expect([...actual.header]).toEqual([...actual.expectedHeader(expected.dead)]);
          expect(actual.metricsCount).toBe(expected.dead.length);
        },
        { as },
      );
    }
  }
});

describe.each(['software', 'gpu'] as const)('step_stats, %s variant', (as) => {
  for (const rows of [1, 33, 300]) {
    for (const deadCount of [0, 3]) {
      gpuTest(
        `B ${rows}, ${deadCount} dead`,
        async (context) => {
          const plan = casePlan(context, { rows, d_in: 8, d_sae: 70, k: 5 });
          const rng = makeRng(64);
          const stats = (largest: number) =>
            Float32Array.from({ length: 2 * rows }, (_, at) =>
              at % 2 === 0 ? rng.next() * 10 : rng.below(largest + 1),
            );
          const [main, aux] = [stats(5), stats(2)];
          const set = createBufferSet(context, 'test');
          const metrics = set.storage('metrics', METRICS_WORDS * 4);
          const auxScale = 0.02;
          const bound = (await prepareStepStats(context, plan)).bind({
            rowStats: set.storage('rowStats', main),
            auxRowStats: set.storage('auxRowStats', aux),
            dead: set.storage('dead', deadBuffer(range(deadCount), plan)),
            errorVariance: set.storage('errorVariance', new Float32Array([0.7])),
            counters: set.storage('counters', new Uint32Array([2, 9, 0, 0])),
            metrics,
            step: set.uniform('step', new Float32Array([1, auxScale, 0, 0])),
          });
          submitPass(context, 'step_stats', (pass) => {
            bound.encode(pass);
          });
          const bytes = await context.staging.read(metrics, METRICS_WORDS * 4);
          const actual = parseMetrics(bytes, { step: 7, rows, levels: 1, variance: 3 });
          const sum = (values: Float32Array, from: number) =>
            values.reduce((total, value, at) => total + (at % 2 === from ? value : 0), 0);
          const auxLoss = deadCount === 0 ? 0 : (auxScale / 2 / 0.7) * sum(aux, 0);
          const mse = sum(main, 0) / rows;
          const silent = aux.filter((used, at) => at % 2 === 1 && used === 0).length;
          expect(actual.mse).toBeCloseTo(mse, 4);
          expect(actual.auxLoss).toBeCloseTo(auxLoss, 5);
          expect(actual.loss).toBeCloseTo(mse / 3 + auxLoss, 4);
          expect(actual.explainedVariance).toBeCloseTo(1 - mse / 3, 4);
          expect(actual.l0).toBe(sum(main, 1) / rows);
          expect(actual.auxSilent).toBe(deadCount === 0 ? 0 : silent);
          expect([actual.nanCount, actual.overflowRows, actual.step]).toEqual([2, 9, 7]);
        },
        { as },
      );
    }
  }
});
