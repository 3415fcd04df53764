// Whole steps of the WGSL trainer: what every trainer must do, and in chunks, on another device, beyond a device's
// limits; and a run that goes on on the other backend.
import { describe, expect } from 'vitest';
import { ConfigError } from '../../../src/core/errors';
import { openDevice } from '../../../src/gpu/device/device';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';
import { openNodeGpu } from '../../helpers/device/nodeGpu';
import { startState } from '../../helpers/train/ringRun';
import { CPU_BACKEND, gpuBackendTest } from '../../helpers/sae/saeBackends';
import {
  auxRun,
  expectOneStep,
  makeRun,
  makeTranscoderRun,
  topkRunTests,
  topkStepTests,
  transcoderRunTests,
  transcoderStepTests,
} from '../../helpers/train/topkTrainerTests';
import { trainRing } from '../../helpers/train/trainRing';

describe.each(['software', 'gpu'] as const)('the WGSL trainer, %s variants', (as) => {
  const declare = gpuBackendTest({ as });
  // A software driver compiles the variants with many barriers slowly, anew for every shape: there the other shapes are
  // left to `npm run test:long`.
  const declareRest = gpuBackendTest({ as, isLong: as === 'gpu' });
  topkStepTests(declare, declareRest);
  transcoderStepTests(declare, declareRest);

  gpuTest(
    'one step in three chunks equals the float64 twin',
    async (context) => {
      const shape = { rows: 150, d_in: 48, d_sae: 130, k: 5, k_aux: 9 };
      await expectOneStep(makeGpuBackend(context), makeRun(shape), 40);
    },
    // 64 rows of 192 pre-activations: room for one chunk's, and nothing else is larger.
    { as, caps: { storageBindingBytes: 78_000 } },
  );

  for (const make of [makeRun, makeTranscoderRun]) {
    gpuTest(
      `one step in three shards of latents equals the float64 twin, ${make.name}`,
      async (context) => {
        const run = make({ rows: 33, d_in: 48, d_sae: 130, k: 5, k_aux: 9 });
        await expectOneStep(makeGpuBackend(context), run, 40);
      },
      // 64 latents of width 48 take 24,576 bytes with their moments.
      { as, caps: { storageBindingBytes: 25_400 } },
    );
  }
});

topkRunTests(gpuBackendTest());
transcoderRunTests(gpuBackendTest());

gpuTest('40 steps, and 20 + 20 on another device', async (context) => {
  const run = auxRun();
  const backend = makeGpuBackend(context);
  const straight = await trainRing(backend, run, startState(run, 0), 40);
  const firstHalf = await trainRing(backend, run, startState(run, 0), 20);
  expect(firstHalf.end.step).toBe(20);
  const opened = await openDevice((await openNodeGpu()) ?? undefined, { limits: 'default' });
  if (!opened.ok) throw new Error(opened.message);
  try {
    const saved = structuredClone(firstHalf.end);
    const secondHalf = await trainRing(makeGpuBackend(opened.context), run, saved, 20);
    expect([...firstHalf.metrics, ...secondHalf.metrics]).toEqual(straight.metrics);
    expect(secondHalf.end).toEqual(straight.end);
    expect(secondHalf.metrics.filter((m) => m.auxLoss > 0).length).toBeGreaterThan(15);
  } finally {
    opened.context.dispose();
  }
});

gpuTest('a run begun on one backend goes on on the other', async (context) => {
  const run = auxRun();
  for (const [first, second] of [
    [makeGpuBackend(context), CPU_BACKEND],
    [CPU_BACKEND, makeGpuBackend(context)],
  ] as const) {
    const straight = await trainRing(first, run, startState(run, 0), 21);
    const begun = await trainRing(first, run, startState(run, 0), 20);
    const gone = await trainRing(second, run, begun.end, 1);
    const { loss, ...facts } = gone.metrics[0]!;
    const expected = straight.metrics[20]!;
    expect([loss]).toBeAllclose([expected.loss]);
    expect(facts.step).toBe(20);
    expect(facts.deadCount).toBe(expected.deadCount);
    expect(gone.end.tokensSinceFired).toEqual(straight.end.tokensSinceFired);
    expect(gone.end.W_enc).toBeAllclose(straight.end.W_enc, { rtol: 1e-4, atol: 1e-5 });
  }
});

// 64 latents of width 32 with their moments, 16,384 bytes, fit one binding; all 100 do not.
const TWO_SHARDS = { storageBindingBytes: 20_000 };

gpuTest('a run in two shards of latents gives what it gives in one', async (context) => {
  const plain = auxRun();
  const run = { ...plain, config: { ...plain.config, emaDecay: 0.9 } };
  const [whole, cut] = [context, { ...context, caps: { ...context.caps, ...TWO_SHARDS } }].map(
    (on) => trainRing(makeGpuBackend(on), run, startState(run, 30), 4),
  );
  const [expected, { metrics, end }] = [await whole!, await cut!];
  expect(metrics.map((m) => m.loss)).toBeAllclose(expected.metrics.map((m) => m.loss));
  expect(metrics.map((m) => m.deadCount)).toEqual(expected.metrics.map((m) => m.deadCount));
  expect(metrics.every((m) => m.auxLoss > 0)).toBe(true);
  for (const name of ['W_enc', 'W_dec', 'b_enc', 'b_dec'] as const) {
    expect(end[name]).toBeAllclose(expected.end[name], { atol: 1e-5 });
    expect(end.averages[name]!).toBeAllclose(expected.end.averages[name]!, { atol: 1e-5 });
  }
  const resumed = await trainRing(makeGpuBackend(context), run, structuredClone(end), 1);
  expect(resumed.end.step).toBe(5);
});

gpuTest(
  'refuses rows of which a binding does not hold 64 with their moments, before anything is allocated',
  async (context) => {
    const run = auxRun();
    const train = () => trainRing(makeGpuBackend(context), run, startState(run, 0), 1);
    await expect(train()).rejects.toThrow(/d_in: 64 latents of width 32 take 16384 bytes/);
    await expect(train()).rejects.toThrow(ConfigError);
  },
  { caps: { storageBindingBytes: 16_000 } },
);
