// The training loop of one run: calibrate, fill the ring, step, report, save. It draws every decision
// from (config, step), so a run resumed at any checkpoint repeats the uninterrupted one number for number.
import { seededPermutation } from '../core/rng';
import { totalSteps, type Calibration, type SaeConfig } from '../core/sae';
import { initTrainerState, type StepMetrics, type TrainerState } from '../core/trainerState';
import { createActivationRing, type ActivationRing } from '../gpu/activationRing';
import type { GpuContext } from '../gpu/device';
import { createSaeTrainer, type SaeTrainer } from '../gpu/saeTrainer';
import type { ActivationFeed } from './activationFeed';
import { CancelledError, NotFiniteError } from './problems';

/** Streams of the seed that order the rows of a block; block b uses BLOCK_STREAM + b. */
const BLOCK_STREAM = 0x10000;

export type LoopStart = { calibration: Calibration; state: TrainerState };

export type LoopHooks = {
  onPreparing: (what: string, done: number, total: number) => void;
  onTraining: () => void;
  onMetrics: (metrics: StepMetrics[]) => void;
  /** Called between steps with a way to read the exact state; may save, wait (pause) or throw. */
  betweenSteps: (step: number, readState: () => Promise<LoopStart>) => Promise<void>;
  /** true once the run should end early, keeping what it has */
  isStopped: () => boolean;
  breathe: () => Promise<void>;
};

/** Trains to the end, or until stopped; resolves with the exact final state. Frees all it allocated. */
export async function runTrainingLoop(o: {
  context: GpuContext;
  config: SaeConfig;
  feed: ActivationFeed;
  start: LoopStart | null;
  hooks: LoopHooks;
}): Promise<LoopStart> {
  const { config, context, hooks } = o;
  const ring = createActivationRing(context, { rows: config.ringRows, d: config.d_in });
  try {
    await ring.prepared;
    const { calibration, state } = o.start ?? (await firstState(config, o.feed, ring, hooks));
    hooks.onPreparing('Compiling kernels', 0, 1);
    const trainer = await createSaeTrainer(context, { config, calibration, state, ring });
    try {
      await trainSteps({ ...o, ring, trainer, calibration, firstStep: state.step });
      return { calibration, state: await trainer.readState() };
    } finally {
      trainer.dispose();
    }
  } finally {
    ring.dispose();
  }
}

async function firstState(
  config: SaeConfig,
  feed: ActivationFeed,
  ring: ActivationRing,
  hooks: LoopHooks,
): Promise<LoopStart> {
  const calibration = await feed.calibrate(ring, async (tokens) => {
    hooks.onPreparing('Measuring the residual stream', tokens, config.calibrationTokens);
    await hooks.breathe();
    if (hooks.isStopped()) throw new CancelledError('stopped before the first step');
  });
  return { calibration, state: initTrainerState(config, calibration) };
}

async function trainSteps(o: {
  config: SaeConfig;
  feed: ActivationFeed;
  hooks: LoopHooks;
  ring: ActivationRing;
  trainer: SaeTrainer;
  calibration: Calibration;
  firstStep: number;
}): Promise<void> {
  const { config, hooks, trainer, calibration } = o;
  const readState = async () => {
    report(await trainer.takeMetrics({ all: true }), hooks);
    return { calibration, state: await trainer.readState() };
  };
  let filledBlock = -1;
  let order: Uint32Array = new Uint32Array();
  for (let step = o.firstStep; step < totalSteps(config); step++) {
    const firstRow = step * config.batchSize;
    const block = Math.floor(firstRow / config.ringRows);
    if (block !== filledBlock) {
      // Later refills are part of training: a phase that flickers tells nobody anything.
      const isFirst = filledBlock === -1;
      const isFilled = await o.feed.fillBlock(
        o.ring,
        block,
        calibration.inputScale,
        async (rows) => {
          if (isFirst) hooks.onPreparing('Capturing activations', rows, config.ringRows);
          await hooks.breathe();
          return !hooks.isStopped();
        },
      );
      // Stopped meanwhile: what was learned before this block is kept.
      if (!isFilled) break;
      filledBlock = block;
      order = seededPermutation(config.ringRows, config.seed, BLOCK_STREAM + block);
      if (isFirst) hooks.onTraining();
    }
    const offset = firstRow - block * config.ringRows;
    trainer.step(order.subarray(offset, offset + config.batchSize));
    await trainer.ready();
    report(await trainer.takeMetrics(), hooks);
    await hooks.betweenSteps(step + 1, readState);
    if (hooks.isStopped()) break;
  }
  report(await trainer.takeMetrics({ all: true }), hooks);
}

function report(metrics: StepMetrics[], hooks: LoopHooks): void {
  if (metrics.length > 0) hooks.onMetrics(metrics);
  for (const m of metrics) {
    if (!Number.isFinite(m.loss) || m.nanCount > 0) {
      throw new NotFiniteError(
        `step ${m.step}: ${m.nanCount > 0 ? `${m.nanCount} pre-activations are not numbers` : `the loss is ${m.loss}`}`,
      );
    }
  }
}
