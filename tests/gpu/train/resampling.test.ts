// What resampling is for: on the ground-truth dictionary, with just as many latents as directions and a rate that
// kills some, the run that resamples its dead latents ends with fewer of them and knows more directions.
import { expect } from 'vitest';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import type { StepMetrics } from '../../../src/core/train/trainerState';
import { runTrainingLoop, type LoopStart } from '../../../src/engine/train/trainingLoop';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeDictionary } from '../../helpers/train/dictionary';
import { makeDictionaryFeed } from '../../helpers/train/dictionaryFeed';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { gpuTest } from '../../helpers/device/gpuTest';
import { meanCorrelation } from '../../helpers/train/meanCorrelation';

const STEPS = 500;
const BATCH = 512;
/** One seed in CI; more by hand: DICTIONARY_SEEDS=2. */
const SEEDS = Array.from({ length: Number(process.env['DICTIONARY_SEEDS'] ?? 1) }, (_, i) => i + 1);

async function train(context: GpuContext, seed: number, resampleInterval: number) {
  const dictionary = makeDictionary(seed);
  const config = makeSaeConfig({
    architecture: 'relu',
    decoderNorm: 'unit',
    l1Coefficient: 1,
    hookPoint: 'blocks.0.hook_resid_post',
    d_in: dictionary.d_in,
    d_sae: dictionary.features,
    batchSize: BATCH,
    tokens: STEPS * BATCH,
    lr: 0.05,
    seed,
    contextSize: 64,
    ringRows: 64 * BATCH,
    calibrationTokens: 20_480,
    deadAfterTokens: (STEPS * BATCH) / 10,
    resampleInterval,
  });
  const metrics: StepMetrics[] = [];
  const ends: (LoopStart | Error)[] = [];
  await runTrainingLoop({
    backend: makeGpuBackend(context),
    members: [
      {
        config,
        start: null,
        onMetrics: (some) => void metrics.push(...some),
        isStopped: () => false,
      },
    ],
    feed: makeDictionaryFeed(dictionary),
    hooks: {
      onPreparing: () => undefined,
      onTraining: () => undefined,
      breathe: () => Promise.resolve(),
      betweenSteps: () => Promise.resolve(),
      onLeft: (_, end) => Promise.resolve(void ends.push(end)),
    },
  });
  const [end] = ends;
  if (end === undefined || end instanceof Error) throw end ?? new Error('no end');
  const { mcc } = meanCorrelation(dictionary.directions, end.state.W_dec, dictionary.d_in);
  return { mcc, dead: metrics.at(-1)!.deadCount };
}

// Left to test:long: with fewer steps or smaller batches the effect is within the noise of the seed (200 steps of 256: MCC
// 0.950 without and 0.943 with; 0.968 and 0.978 for another seed). What resampling does is tested step by step elsewhere.
gpuTest(
  'resampling leaves fewer dead latents and finds more directions',
  async (context) => {
    for (const seed of SEEDS) {
      const without = await train(context, seed, 0);
      const resampled = await train(context, seed, STEPS / 5);
      console.log(context.adapter, `seed ${seed}`, JSON.stringify({ without, resampled }));
      expect(resampled.mcc).toBeGreaterThan(without.mcc);
      expect(resampled.dead).toBeLessThan(without.dead);
    }
  },
  { isLong: true },
);
