// What the training loop does to a run beside its steps: where b_dec begins.
import { describe, expect } from 'vitest';
import { weiszfeld } from '../../src/core/geometricMedian';
import { makeSaeConfig, type SaeConfig, type SaeConfigInput } from '../../src/core/sae';
import type { TrainerState } from '../../src/core/trainerState';
import { createRandomFeed } from '../../src/engine/randomFeed';
import { runTrainingLoop } from '../../src/engine/trainingLoop';
import type { GpuContext } from '../../src/gpu/device';
import { gpuTest } from '../helpers/gpuTest';
import '../helpers/matchers';

const SHARED = {
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 10,
  d_sae: 24,
  tokens: 12 * 16,
  batchSize: 16,
  seed: 5,
  contextSize: 16,
  ringRows: 6 * 16,
  calibrationTokens: 64,
  lr: 1e-2,
} as const satisfies SaeConfigInput;

/** The states after 0, 1, … steps, and the first block of activations. */
async function watch(context: GpuContext, config: SaeConfig) {
  const states: TrainerState[] = [];
  const blocks: Float32Array[] = [];
  const feed = createRandomFeed(config, config.d_in);
  await runTrainingLoop({
    context,
    members: [{ config, start: null, onMetrics: () => undefined, isStopped: () => false }],
    feed: {
      ...feed,
      fillBlock: async (rings, ...rest) => {
        const isFilled = await feed.fillBlock(rings, ...rest);
        const everyRow = Uint32Array.from({ length: config.ringRows }, (_, i) => i);
        blocks.push(await rings[0]!.readRows(everyRow));
        return isFilled;
      },
    },
    hooks: {
      onPreparing: () => undefined,
      onTraining: () => undefined,
      breathe: () => Promise.resolve(),
      betweenSteps: async (_, readStates) => {
        const [start] = await readStates();
        if (start) states.push(start.state);
      },
      onLeft: (_, end) => {
        if (end instanceof Error) throw end;
        return Promise.resolve();
      },
    },
  });
  return { states, block: blocks[0]! };
}

describe('b_dec', () => {
  gpuTest('begins at the geometric median of the first block where asked', async (context) => {
    const config = makeSaeConfig({ ...SHARED, k: 3, bDecInit: 'geometricMedian' });
    const { states, block } = await watch(context, config);
    const median = [...weiszfeld(block, config.d_in)].at(-1)!;
    expect(states[0]!.b_dec).toBeAllclose(median, { rtol: 1e-6, atol: 1e-6 });
    const asMean = await watch(context, makeSaeConfig({ ...SHARED, k: 3 }));
    expect(asMean.states[0]!.b_dec).not.toBeAllclose(median, { rtol: 1e-3, atol: 1e-3 });
    expect(asMean.states[0]!.W_dec).toEqual(states[0]!.W_dec);
    expect(states[1]!.b_dec).not.toEqual(states[0]!.b_dec);
  });

  gpuTest(
    'begins at 0 or at the mean of the sample, whatever the architecture',
    async (context) => {
      for (const architecture of ['relu', 'gated'] as const) {
        const own = { ...SHARED, architecture };
        const zero = await watch(context, makeSaeConfig({ ...own, bDecInit: 'zero' }));
        expect(zero.states[0]!.b_dec.every((value) => value === 0)).toBe(true);
        const mean = await watch(context, makeSaeConfig({ ...own, bDecInit: 'mean' }));
        expect(mean.states[0]!.b_dec.some((value) => value !== 0)).toBe(true);
      }
      expect(makeSaeConfig({ ...SHARED, architecture: 'relu' }).bDecInit).toBe('zero');
      expect(makeSaeConfig({ ...SHARED, architecture: 'gated' }).bDecInit).toBe('mean');
    },
  );
});
