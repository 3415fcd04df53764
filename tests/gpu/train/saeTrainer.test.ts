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

gpuTest(
  'refuses moments that exceed one binding, naming the field',
  async (context) => {
    const run = auxRun();
    const train = () => trainRing(makeGpuBackend(context), run, startState(run, 0), 1);
    await expect(train()).rejects.toThrow(/d_sae: Adam's moments/);
    await expect(train()).rejects.toThrow(ConfigError);
  },
  { caps: { storageBindingBytes: 20_000 } },
);
