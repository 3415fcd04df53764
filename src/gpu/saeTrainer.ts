// Trains one SAE on the GPU from rows of the activation ring: one submit per step, no value of a step ever
// awaited by the next. What a step computes is its architecture's business. Knows no model, no storage.
import { ShapeError } from '../core/errors';
import type { Calibration, SaeConfig, SaeParams } from '../core/sae';
import { trainerStateParams, type StepMetrics, type TrainerState } from '../core/trainerState';
import type { ActivationRing } from './activationRing';
import type { ArchitectureStep, StepDispatch } from './architectures/architecture';
import { createArchitectureStep } from './architectures/registry';
import { writeBuffer } from './buffers';
import type { GpuContext } from './device';

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
  const { config, ring } = o;
  if (ring.d !== config.d_in) {
    throw new ShapeError(`ring of width ${ring.d} for an SAE of d_in ${config.d_in}`);
  }
  return makeTrainer({ ...o, context, architecture: await createArchitectureStep(context, o) });
}

type Parts = SaeTrainerOptions & { context: GpuContext; architecture: ArchitectureStep };

function makeTrainer(parts: Parts): SaeTrainer {
  const { architecture, config } = parts;
  const flight = makeFlight();
  let done = parts.state.step;
  const readState = () => architecture.readState(done);
  return {
    step: (rowIndices) => {
      if (rowIndices.length !== config.batchSize) {
        throw new ShapeError(`step of ${rowIndices.length} rows, batchSize is ${config.batchSize}`);
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
    byteLength: architecture.byteLength,
    dispose: architecture.dispose,
  };
}

/** One submit: uploads, the step's pass, a copy of its metrics. Resolves when the GPU is done with it. */
async function submitStep(
  parts: Parts,
  step: number,
  rowIndices: Uint32Array,
): Promise<StepMetrics> {
  const { context, architecture } = parts;
  const { device, staging } = context;
  const { metrics } = architecture;
  writeBuffer(context, architecture.rowIndices, rowIndices);
  architecture.writeStep(step);
  const encoder = device.createCommandEncoder({ label: `sae step ${step}` });
  architecture.reset(encoder);
  (parts.recordStep ?? recordInOnePass)(encoder, architecture.dispatches);
  const staged = staging.stage(encoder, metrics.buffer, metrics.byteLength);
  device.queue.submit([encoder.finish()]);
  return metrics.parse(await staged.read(), step);
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
