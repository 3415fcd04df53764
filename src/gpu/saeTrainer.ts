// Trains one TopK SAE on the GPU from rows of the activation ring: one submit per step, no value of a
// step ever awaited by the next. Knows no model, no schedule beyond the configuration's, no storage.
import { ShapeError } from '../core/errors';
import type { Calibration, SaeConfig, SaeParams } from '../core/sae';
import { trainerStateParams, type StepMetrics, type TrainerState } from '../core/trainerState';
import type { ActivationRing } from './activationRing';
import { createUniformSlots, writeBuffer } from './buffers';
import type { GpuContext } from './device';
import { GATHER_STEP_BYTES, gatherStep } from './kernels/gather';
import { METRICS_WORDS, parseMetrics } from './kernels/stepStats';
import { TRAINER_STEP_BYTES, trainerStep } from './kernels/trainerStep';
import { createSaeForward, type SaeForward } from './saeForward';
import { createTrainerBuffers, readTrainerState, type TrainerBuffers } from './trainerBuffers';
import { bindTrainerStep, prepareTrainerKernels, type StepDispatch } from './trainerKernels';
import { makeTrainerPlan, type TrainerPlan } from './trainerPlan';

export type SaeTrainer = {
  /** Enqueues one step on ring rows `rowIndices` (batchSize of them) and returns. The ring may be
   *  appended to right after. Throws ShapeError on another count. */
  step: (rowIndices: Uint32Array) => void;
  /** Resolves when fewer than three steps are in flight. Rejects when the device is lost. */
  ready: () => Promise<void>;
  /** Metrics of finished steps not yet taken, in order; `all` waits for those in flight. */
  takeMetrics: (o?: { all?: boolean }) => Promise<StepMetrics[]>;
  /** The exact state after the last enqueued step: a run resumed from it repeats bit for bit. */
  readState: () => Promise<TrainerState>;
  /** Parameters in x units (not folded), W_enc [d_in, d_sae]. */
  readParams: () => Promise<SaeParams>;
  /** bytes on the GPU, without the ring */
  byteLength: () => number;
  dispose: () => void;
};

export type SaeTrainerOptions = {
  config: SaeConfig;
  calibration: Calibration;
  state: TrainerState;
  ring: ActivationRing;
  /** Told each dispatch instead of the trainer's own recording in one pass: for profiling. */
  recordStep?: (encoder: GPUCommandEncoder, dispatches: readonly StepDispatch[]) => void;
};

/** Steps that may be enqueued ahead of the GPU. */
const IN_FLIGHT = 2;

/** Compiles, allocates, uploads. Throws ConfigError where the run does not fit this device. */
export async function createSaeTrainer(
  context: GpuContext,
  o: SaeTrainerOptions,
): Promise<SaeTrainer> {
  const { config, state, ring } = o;
  if (ring.d !== config.d_in) {
    throw new ShapeError(`ring of width ${ring.d} for an SAE of d_in ${config.d_in}`);
  }
  const plan = makeTrainerPlan(context.caps, config);
  const kernels = await prepareTrainerKernels(context, plan);
  const { set, buffers } = createTrainerBuffers(context, plan, state);
  let forward: SaeForward | null = null;
  try {
    forward = await createSaeForward(context, plan.forward, forwardWeights(buffers, config));
    const step = set.uniform('step', TRAINER_STEP_BYTES);
    const slots = { label: 'gather', structBytes: GATHER_STEP_BYTES, slots: 1 };
    const gather = createUniformSlots(context, set, slots);
    gather.write(0, gatherStep({ rows: plan.rows }));
    const dispatches = bindTrainerStep({
      plan,
      kernels,
      forward,
      buffers,
      ring: ring.buffer,
      step,
      gatherStep: gather.binding,
    });
    return makeTrainer({ ...o, context, plan, forward, buffers, set, step, dispatches });
  } catch (cause) {
    forward?.dispose();
    set.dispose();
    throw cause;
  }
}

function forwardWeights({ W_enc, encoderBias }: TrainerBuffers, { d_sae }: SaeConfig) {
  return { W_enc, b_enc: { buffer: encoderBias, offset: 0, size: 4 * d_sae } };
}

type Parts = SaeTrainerOptions & {
  context: GpuContext;
  plan: TrainerPlan;
  forward: SaeForward;
  buffers: TrainerBuffers;
  set: { dispose: () => void; byteLength: () => number };
  step: GPUBuffer;
  dispatches: readonly StepDispatch[];
};

function makeTrainer(parts: Parts): SaeTrainer {
  const { context, plan, forward, buffers, set, config } = parts;
  const flight = makeFlight();
  let done = parts.state.step;
  const readState = () => readTrainerState(context, plan, buffers, done);
  return {
    step: (rowIndices) => {
      if (rowIndices.length !== plan.rows) {
        throw new ShapeError(`step of ${rowIndices.length} rows, batchSize is ${plan.rows}`);
      }
      flight.add(submitStep(parts, done, rowIndices));
      done++;
    },
    ready: () => flight.atMost(IN_FLIGHT),
    takeMetrics: async ({ all = false } = {}) => {
      if (all) await flight.atMost(0);
      return flight.take();
    },
    readState,
    readParams: async () => trainerStateParams(await readState(), config),
    byteLength: () => set.byteLength() + forward.byteLength(),
    dispose: () => {
      forward.dispose();
      set.dispose();
    },
  };
}

/** One submit: uploads, the step's pass, a copy of its metrics. Resolves when the GPU is done with it. */
async function submitStep(
  parts: Parts,
  step: number,
  rowIndices: Uint32Array,
): Promise<StepMetrics> {
  const { context, config, plan, forward, buffers, calibration, dispatches } = parts;
  const { variance } = calibration;
  const { device, staging } = context;
  writeBuffer(context, buffers.rowIndices, rowIndices);
  device.queue.writeBuffer(parts.step, 0, trainerStep(config, variance, step));
  const encoder = device.createCommandEncoder({ label: `sae step ${step}` });
  forward.reset(encoder);
  encoder.clearBuffer(buffers.counts);
  (parts.recordStep ?? recordInOnePass)(encoder, dispatches);
  const staged = staging.stage(encoder, buffers.metrics, METRICS_WORDS * 4);
  device.queue.submit([encoder.finish()]);
  return parseMetrics(await staged.read(), { step, rows: plan.rows, variance });
}

function recordInOnePass(encoder: GPUCommandEncoder, dispatches: readonly StepDispatch[]): void {
  const pass = encoder.beginComputePass({ label: 'sae step' });
  for (const { record } of dispatches) record(pass);
  pass.end();
}

/** Steps on their way and the metrics of those that arrived, in order. */
function makeFlight() {
  const pending: Promise<StepMetrics>[] = [];
  let arrived: StepMetrics[] = [];
  return {
    add: (metrics: Promise<StepMetrics>) => {
      // A lost device rejects every step in flight; `atMost` is where the caller hears of it.
      metrics.then(
        (m) => arrived.push(m),
        () => undefined,
      );
      pending.push(metrics);
    },
    atMost: async (count: number) => {
      while (pending.length > count) {
        const first = pending[0];
        await first;
        // Two callers may have waited for the same step.
        if (pending[0] === first) void pending.shift();
      }
    },
    take: () => {
      const taken = arrived;
      arrived = [];
      return taken.sort((p, q) => p.step - q.step);
    },
  };
}
