// What the training loop does to a run beside its steps: where b_dec begins, averages of the weights.
import { describe, expect } from 'vitest';
import { weiszfeld } from '../../../src/core/numeric/geometricMedian';
import { makeSaeConfig, type SaeConfig, type SaeConfigInput } from '../../../src/core/sae/sae';
import { weightAverageReference } from '../../../src/core/reference/weightAverage';
import { trainerStateParams, type TrainerState } from '../../../src/core/train/trainerState';
import { averageRate, type AveragedName } from '../../../src/core/train/weightAverages';
import type { ActivationRing } from '../../../src/core/train/activationRing';
import { createRandomFeed } from '../../../src/engine/activations/randomFeed';
import { runTrainingLoop } from '../../../src/engine/train/trainingLoop';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gpuTest } from '../../helpers/device/gpuTest';
import '../../helpers/matchers';

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
  const backend = makeGpuBackend(context);
  const rings: ActivationRing[] = [];
  await runTrainingLoop({
    backend: {
      ...backend,
      createRing: async (o) => {
        const ring = await backend.createRing(o);
        rings.push(ring);
        return ring;
      },
    },
    members: [{ config, start: null, onMetrics: () => undefined, isStopped: () => false }],
    feed: {
      ...feed,
      readBlock: async (...block) => {
        const isFilled = await feed.readBlock(...block);
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
});

function parameterOf(state: TrainerState, name: AveragedName): Float32Array {
  const isOwn = name === 'b_mag' || name === 'r_mag' || name === 'threshold';
  return isOwn ? state.extra[name]!.values : state[name];
}

describe('averages of the weights', () => {
  for (const architecture of ['topk', 'gated'] as const) {
    gpuTest(
      `follow every parameter of ${architecture}, and are what is exported`,
      async (context) => {
        const own = architecture === 'topk' ? { k: 3 } : { architecture };
        const config = makeSaeConfig({ ...SHARED, ...own, emaDecay: 0.8 });
        const { states } = await watch(context, config);
        const names = Object.keys(states[0]!.averages) as AveragedName[];
        const extra = architecture === 'gated' ? ['b_mag', 'r_mag'] : [];
        expect(names.sort()).toEqual(['W_dec', 'W_enc', 'b_dec', 'b_enc', ...extra]);
        const rate = averageRate(0.8);
        const end = states.at(-1)!;
        for (const name of names) {
          let average: ArrayLike<number> = states[0]!.averages[name]!;
          expect([...Array.from(average)].every((value) => value === 0)).toBe(true);
          for (const state of states.slice(1)) {
            average = weightAverageReference(parameterOf(state, name), average, { first: 0, rate });
          }
          expect(end.averages[name]!, name).toBeAllclose(average, { rtol: 1e-5, atol: 1e-6 });
        }
        const weight = 1 - (1 - rate) ** 12;
        const exported = trainerStateParams(end, config);
        expect(exported.W_dec).toBeAllclose(
          end.averages.W_dec!.map((sum) => sum / weight),
          { rtol: 1e-6, atol: 1e-7 },
        );
        expect(exported.W_dec).not.toBeAllclose(end.W_dec, { rtol: 1e-3, atol: 1e-3 });
        // One step: the average is that step's weights, the random ones before it have no share.
        const first = trainerStateParams(states[1]!, config);
        expect(first.W_dec).toBeAllclose(states[1]!.W_dec, { rtol: 1e-5, atol: 1e-6 });
        const plain = await watch(context, { ...config, emaDecay: 0 });
        expect(plain.states.at(-1)!.W_dec).toEqual(end.W_dec);
      },
    );
  }
});
