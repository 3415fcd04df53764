// How fast a run would be, measured here with the run's own shapes: a few forward passes and a few steps, about half a
// second. Nothing of it is kept.
import type { Matrix } from '../../core/handles';
import { makeRng } from '../../core/numeric/rng';
import type { SaeConfig } from '../../core/sae/sae';
import { initTrainerState } from '../../core/train/trainerState';
import type { ActivationRing } from '../../core/train/activationRing';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Job } from '../jobs';
import type { TrainingSpeed } from './api';
import { hookPointsOf } from './trainingLoop';

/** Tokens of one forward pass, as training reads them (activationFeed.ts). */
const TOKENS_PER_PASS = 1024;
/** Each half is measured for as long, ms, and at least once after a first one that compiles and loads. */
const MEASURED_MS = 250;
const MOST_STEPS = 50;
/** Longer steps are not taken again for a profile, seconds. */
const MOST_PROFILED = 0.5;
const TOO_SLOW = { why: 'A step takes too long here to be taken again kernel by kernel.' };

type SpeedRequest = {
  config: SaeConfig;
  backend: SaeBackend;
  /** null: activations are random and cost next to nothing */
  runtime: ModelRuntime | null;
  vocabSize: number;
  /** milliseconds, monotonic */
  now: () => number;
  job: Job;
};

/** Throws ConfigError where the run does not fit, and what the job is aborted with. */
export async function measureSpeed(o: SpeedRequest): Promise<TrainingSpeed> {
  const { backend, config } = o;
  const { batchSize: rows, d_in: d } = config;
  const ring = await backend.createRing({ rows, d });
  try {
    const captureTokensPerSecond = await measureCapture(o, ring);
    const step = await measureStep(o, ring);
    return { captureTokensPerSecond, ...step, runsOn: backend.name };
  } finally {
    ring.dispose();
  }
}

/** Fills the ring on the way; tokens a second, null without a model. */
async function measureCapture(o: SpeedRequest, ring: ActivationRing): Promise<number | null> {
  const { runtime, config, now, job } = o;
  const { contextSize, hookPoint, seed } = config;
  const count = Math.max(1, Math.floor(TOKENS_PER_PASS / contextSize));
  const rows = Uint32Array.from({ length: Math.min(ring.rows, count * contextSize) }, (_, i) => i);
  const rng = makeRng(seed);
  if (runtime === null) {
    const data = Float32Array.from({ length: rows.length * ring.d }, () => rng.normal());
    await fill(ring, { where: 'cpu', data, rows: rows.length, cols: ring.d }, rows);
    return null;
  }
  const tokenIds = Int32Array.from({ length: count * contextSize }, () => rng.below(o.vocabSize));
  let passes = -1;
  let started = now();
  do {
    await job.step('Measuring the model', 0, null, 'tokens');
    const captured = await runtime.capture(tokenIds, count, hookPointsOf([config]));
    try {
      const x = captured.hooks.get(hookPoint);
      if (x !== undefined) await fill(ring, x, rows);
    } finally {
      captured.release();
    }
    passes++;
    if (passes === 0) started = now();
  } while (passes < 1 || now() - started < MEASURED_MS);
  return (1000 * passes * tokenIds.length) / Math.max(1, now() - started);
}

/** All rows of the ring from those of `x`, over and over. */
async function fill(ring: ActivationRing, x: Matrix, rows: Uint32Array): Promise<void> {
  await ring.measure(x, rows);
  for (let first = 0; first < ring.rows; first += rows.length) {
    await ring.append(x, rows.subarray(0, Math.min(rows.length, ring.rows - first)), 1, first);
  }
}

async function measureStep(
  o: SpeedRequest,
  ring: ActivationRing,
): Promise<Pick<TrainingSpeed, 'stepSeconds' | 'profile'>> {
  const { backend, config, now, job } = o;
  const calibration = await ring.finish();
  const state = initTrainerState(config, calibration);
  // What a transcoder rebuilds makes no difference to how long that takes.
  const targets = config.architecture === 'transcoder' && { targets: ring };
  const trainer = await backend.createTrainer({ config, calibration, state, ring, ...targets });
  const rows = Uint32Array.from({ length: config.batchSize }, (_, i) => i);
  try {
    let steps = -1;
    let started = now();
    do {
      await job.step('Measuring a step', Math.max(0, steps), null, 'steps');
      trainer.step(rows);
      await trainer.ready();
      // Waits for the step itself, not only for room for another.
      await trainer.takeMetrics({ all: true });
      steps++;
      if (steps === 0) started = now();
    } while (steps < 1 || (now() - started < MEASURED_MS && steps < MOST_STEPS));
    const stepSeconds = (now() - started) / 1000 / steps;
    const profile = stepSeconds > MOST_PROFILED ? TOO_SLOW : await trainer.profile(rows);
    return { stepSeconds, profile };
  } finally {
    trainer.dispose();
  }
}
