// Measuring tiles of encode: what it may choose, keep and spend. The clock is the test's.
import { expect } from 'vitest';
import { createBufferSet, readF32 } from '../../../src/gpu/device/buffers';
import type { GpuContext } from '../../../src/gpu/device/device';
import { tuneEncode } from '../../../src/gpu/sae/encodeTuner';
import { makeForwardPlan } from '../../../src/gpu/sae/forwardPlan';
import { gaussian } from '../../helpers/cases';
import { gpuTest } from '../../helpers/device/gpuTest';

/** As most tests of sae_encode have it, which share these pipelines. */
const SHAPE = { rows: 3, d_in: 80, d_sae: 130, k: 4 };

function makeTuning(context: GpuContext, o: { steps: number }) {
  const plan = makeForwardPlan(context.caps, SHAPE);
  const set = createBufferSet(context, 'test');
  const places = {
    xc: set.storage('xc', 4 * SHAPE.rows * plan.dStride),
    preActs: set.storage('preActs', 4 * SHAPE.rows * plan.nStride),
    groupMax: set.storage('groupMax', 4 * SHAPE.rows * plan.groups),
    counters: set.storage('counters', 16),
    W_enc: set.storage('W_enc', gaussian(SHAPE.d_sae * plan.dStride, 1)),
    b_enc: set.storage('b_enc', gaussian(SHAPE.d_sae, 2)),
  };
  const kept = new Map<string, unknown>();
  let time = 0;
  const tuning = {
    steps: o.steps,
    tiles: ['64x64', '128x64'] as const,
    store: {
      get: (key: string) => Promise.resolve(kept.get(key)),
      set: (key: string, choice: string) => Promise.resolve(void kept.set(key, choice)),
    },
    // Every look at the clock takes as long as any other: no tile is faster than another, and no run is repeated.
    now: () => (time += 20),
  };
  return { plan, places, tuning, kept };
}

gpuTest(
  'both tiles are right here, the usual one wins a tie, and the choice is kept under adapter and shape',
  async (context) => {
    const { tuning, kept, ...o } = makeTuning(context, { steps: 1e9 });
    expect(await tuneEncode(context, { ...o, tuning })).toBe('64x64');
    const [[key, choice]] = [...kept] as [[string, string]];
    expect(choice).toBe('64x64');
    expect(key).toContain(context.adapter);
    expect(key).toContain('3×80×130');
    kept.set(key, '128x64');
    const pipelines = context.pipelines.size;
    expect(await tuneEncode(context, { ...o, tuning })).toBe('128x64');
    expect(context.pipelines.size).toBe(pipelines);
  },
  { as: 'gpu' },
);

gpuTest(
  'a short run measures the usual tile alone and keeps nothing',
  async (context) => {
    const { tuning, kept, ...o } = makeTuning(context, { steps: 1 });
    expect(await tuneEncode(context, { ...o, tuning })).toBe('64x64');
    expect(kept.size).toBe(0);
  },
  { as: 'gpu' },
);

gpuTest(
  'where no tile gives what the processor gives, none is chosen',
  async (context) => {
    const { tuning, kept, ...o } = makeTuning(context, { steps: 1e9 });
    // Every tile traps NaN, so what it stores is not what these biases give.
    const b_enc = createBufferSet(context, 'test').storage(
      'b_enc',
      new Float32Array(130).fill(NaN),
    );
    const places = { ...o.places, b_enc };
    expect(await tuneEncode(context, { ...o, places, tuning })).toBeUndefined();
    expect(kept.size).toBe(0);
    expect((await readF32(context, o.places.preActs, 1))[0]).toBeLessThan(-1e38);
  },
  { as: 'gpu' },
);

gpuTest(
  'nothing is measured on a software adapter',
  async (context) => {
    const { tuning, kept, ...o } = makeTuning(context, { steps: 1e9 });
    expect(await tuneEncode(context, { ...o, tuning })).toBeUndefined();
    expect(kept.size).toBe(0);
  },
  { as: 'software' },
);
