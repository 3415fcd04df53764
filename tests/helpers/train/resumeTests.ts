// Exact resume: a run that is killed at any step, or in the middle of saving, goes on from its last checkpoint
// with the curve and the parameters of the uninterrupted run, bit for bit on the same backend.
import { expect } from 'vitest';
import { makeRng } from '../../../src/core/numeric/rng';
import { makeSaeConfig, totalSteps, type SaeConfig } from '../../../src/core/sae/sae';
import type { StepMetrics } from '../../../src/core/train/trainerState';
import { createRandomFeed } from '../../../src/engine/activations/randomFeed';
import { createRunArchive } from '../../../src/engine/train/runArchive';
import { runTrainingLoop, type LoopStart } from '../../../src/engine/train/trainingLoop';
import type { SaeBackend } from '../../../src/core/train/saeBackend';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import type { Storage } from '../../../src/storage/storage';
import type { BackendTest } from '../sae/saeBackends';
import { KilledError, makeMortalStorage, type Death } from '../engine/mortalStorage';

/** Several blocks of the ring, so that kills fall into each and on their borders; latents die early. */
const SHARED = {
  hookPoint: 'blocks.0.hook_resid_post',
  d_in: 12,
  d_sae: 40,
  tokens: 24 * 16,
  batchSize: 16,
  seed: 11,
  contextSize: 16,
  ringRows: 8 * 16,
  calibrationTokens: 128,
  deadAfterTokens: 64,
  lr: 1e-2,
} as const;
/** Blocks of 1, 2, 4, 8, 8 and 1 batches, of which the second to the fourth correct V. */
const GROWING = { firstBlockRows: 16 };
const topk = makeSaeConfig({ ...SHARED, ...GROWING, k: 3 });
/** Penalised into death; resampled between saves and, every fourth step, at the border of a block. */
const RESAMPLED = {
  lr: 0.2,
  deadAfterTokens: 32,
  l1Coefficient: 20,
  resampleCount: 4,
  resampleInputs: 100,
};
const relu = makeSaeConfig({
  ...SHARED,
  ...RESAMPLED,
  resampleInterval: 7,
  architecture: 'relu',
  decoderNorm: 'unit',
  bDecInit: 'geometricMedian',
});
const gated = makeSaeConfig({
  ...SHARED,
  ...GROWING,
  ...RESAMPLED,
  resampleInterval: 4,
  architecture: 'gated',
  emaDecay: 0.9,
});
const STEPS = totalSteps(topk);
/** steps between checkpoints */
const SAVE_EVERY = 5;
const RUN = { runId: 'run-1', number: 1, modelId: 'random', isStopped: false };

type Kill = { atStep: number } | { inStorage: Death };

/** Trains from the stored checkpoint, if there is one, until the end or the kill; saves as it goes. */
async function trainUntil(
  backend: SaeBackend,
  config: SaeConfig,
  disk: Storage,
  kill: Kill | null,
) {
  const death = kill !== null && 'inStorage' in kill ? kill.inStorage : null;
  const archive = createRunArchive(makeMortalStorage(disk, death));
  const record = await archive.get(RUN.runId);
  const stored = record === null ? null : await archive.load(record);
  const metrics: StepMetrics[] = [];
  const ends: (LoopStart | Error)[] = [];
  const isStopped = () => false;
  const onMetrics = (some: StepMetrics[]) => void metrics.push(...some);
  await runTrainingLoop({
    backend,
    members: [{ config, start: stored, onMetrics, isStopped }],
    feed: createRandomFeed(config, config.d_in),
    hooks: {
      onPreparing: () => undefined,
      onTraining: () => undefined,
      breathe: () => Promise.resolve(),
      betweenSteps: async (step, readStates) => {
        if (kill !== null && 'atStep' in kill && step === kill.atStep) {
          throw new KilledError(`killed after step ${step}`);
        }
        if (step === 0 || step % SAVE_EVERY !== 0) return;
        const [state] = await readStates();
        await archive.save({ ...RUN, config }, { ...state!, points: [] });
      },
      onLeft: (_, end) => Promise.resolve(void ends.push(end)),
    },
  });
  const [final] = ends;
  if (final === undefined || final instanceof Error) throw final ?? new Error('no end');
  return { final, metrics, firstStep: stored?.state.step ?? 0 };
}

/** Every number that the run has to keep, and the curve from `from` on. */
function traceOf(final: LoopStart, metrics: readonly StepMetrics[], from: number) {
  return { final, metrics: metrics.filter(({ step }) => step >= from) };
}

type Training = Awaited<ReturnType<typeof trainUntil>>;

const trainWhole = (backend: SaeBackend, config: SaeConfig) =>
  trainUntil(backend, config, createMemoryStorage(), null);

/** whole: the run of `config` that nothing killed. */
async function expectSameAfter(
  backend: SaeBackend,
  config: SaeConfig,
  { whole, kills }: { whole: Training; kills: readonly Kill[] },
) {
  expect(whole.metrics).toHaveLength(STEPS);
  expect(whole.metrics.some(({ deadCount }) => deadCount > 0)).toBe(true);
  for (const kill of kills) {
    const disk = createMemoryStorage();
    await expect(trainUntil(backend, config, disk, kill)).rejects.toThrow(KilledError);
    const resumed = await trainUntil(backend, config, disk, null);
    const wanted = traceOf(whole.final, whole.metrics, resumed.firstStep);
    expect(traceOf(resumed.final, resumed.metrics, 0), JSON.stringify(kill)).toEqual(wanted);
  }
}

/** kills: how many random ones, of the run that is killed most; writes: those of a save at which one dies. */
export function resumeTests(
  declare: BackendTest,
  o: { kills: number; writes: readonly number[] },
): void {
  declare(`goes on bit for bit from ${o.kills} random kill points`, async (backend) => {
    const rng = makeRng(2026);
    const kills = Array.from({ length: o.kills }, () => ({ atStep: 1 + rng.below(STEPS - 1) }));
    const whole = await trainWhole(backend, topk);
    expect(whole.final.calibration.tokens).toBe(SHARED.calibrationTokens);
    await expectSameAfter(backend, topk, { whole, kills });
  });

  for (const config of [relu, gated]) {
    const { architecture, resampleInterval } = config;
    declare(`goes on bit for bit where ${architecture} resamples dead latents`, async (backend) => {
      const whole = await trainWhole(backend, config);
      const without = { ...config, resampleInterval: 0, resampleCount: 1 };
      const plain = await trainWhole(backend, without);
      const deadAt = (step: number, run = whole) => run.metrics[step]!.deadCount;
      expect(deadAt(resampleInterval - 1)).toBeGreaterThan(0);
      expect(deadAt(resampleInterval)).toBeLessThan(deadAt(resampleInterval, plain));
      const untilThen = ({ metrics }: Training) => metrics.slice(0, resampleInterval);
      expect(untilThen(whole)).toEqual(untilThen(plain));
      expect(whole.metrics[resampleInterval]).not.toEqual(plain.metrics[resampleInterval]);
      const near = [0, 1].map((after) => ({ atStep: resampleInterval + after }));
      const rng = makeRng(7);
      const kills = Array.from({ length: Math.ceil(o.kills / 3) }, () => ({
        atStep: 1 + rng.below(STEPS - 1),
      }));
      await expectSameAfter(backend, config, { whole, kills: [...near, ...kills] });
    });
  }

  declare(
    `goes on bit for bit when killed at write ${o.writes.join(', ')} of its saves`,
    async (backend) => {
      // A save writes the blob, then the pointer, then deletes the older blob.
      const kills = o.writes.flatMap((atWrite) =>
        [false, true].map((isWritten) => ({ inStorage: { atWrite, isWritten } })),
      );
      await expectSameAfter(backend, topk, { whole: await trainWhole(backend, topk), kills });
    },
  );
}
