// Trains one SAE on the GPU from rows of the activation ring: one submit per step, and no step waits for
// values of an earlier one. The architecture defines what a step computes. Knows neither model nor storage.
import { invariant, ShapeError } from '../../core/errors';
import type { SaeConfig } from '../../core/sae/sae';
import { checkRings, type SaeTrainer, type TrainerOptions } from '../../core/train/saeTrainer';
import type { KernelTime } from '../../core/train/stepProfile';
import { trainerStateParams, type StepMetrics } from '../../core/train/trainerState';
import type { GpuActivationRing } from './activationRing';
import type { ArchitectureStep } from './architectures/architecture';
import { createWeightAverager, type WeightAverager } from './weightAverages';
import { createArchitectureStep } from './architectures/registry';
import { adapterLimits } from '../device/adapterLimits';
import { writeBuffer } from '../device/buffers';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { EncodeTuning } from '../sae/encodeTuner';
import { strideOf } from '../sae/latentMajor';
import { createStepTimer, type StepTimer } from './stepTimer';
import { stepWork } from './stepWork';

export type GpuTrainerOptions = TrainerOptions & {
  ring: GpuActivationRing;
  targets?: GpuActivationRing;
  /** absent: kernels are chosen without measuring */
  tuning?: EncodeTuning;
};

const NO_TIMESTAMPS =
  'This browser does not say what single kernels of the GPU take (it lacks timestamp-query).';
/** Steps of a profile. */
const PROFILED_STEPS = 3;
/** Steps that may be enqueued ahead of the GPU. */
const IN_FLIGHT = 2;

/** Compiles, allocates, uploads. Throws ConfigError where the run does not fit this device. */
export async function createSaeTrainer(
  context: GpuContext,
  o: GpuTrainerOptions,
): Promise<SaeTrainer> {
  checkRings(o);
  const calibration = { ...o.calibration };
  const architecture = await createArchitectureStep(context, {
    ...o,
    calibration,
    targets: o.targets ?? o.ring,
  });
  try {
    const { parameters } = architecture;
    const { state } = o;
    const { emaDecay } = o.config;
    const averager = await createWeightAverager(context, { emaDecay, state, parameters });
    return makeTrainer({ ...o, calibration, context, architecture, averager });
  } catch (cause) {
    architecture.dispose();
    throw cause;
  }
}

type Parts = GpuTrainerOptions & {
  context: GpuContext;
  architecture: ArchitectureStep;
  averager: WeightAverager | null;
};

function makeTrainer(parts: Parts): SaeTrainer {
  const { architecture, config, averager, calibration } = parts;
  const flight = makeFlight();
  let done = parts.state.step;
  const readState = async () => {
    // Both enqueue their copies before any await lets another step in.
    const averaged = averager?.read() ?? Promise.resolve({});
    const [state, averages] = await Promise.all([architecture.readState(done), averaged]);
    return { ...state, averages };
  };
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
    setVariance: (variance) => {
      calibration.variance = variance;
    },
    squaredErrors: (rowIndices) => squaredErrors(parts, rowIndices),
    profile: async (rowIndices) => {
      const { context } = parts;
      if (!context.hasTimestamps) return { why: NO_TIMESTAMPS };
      const timer = createStepTimer(context);
      try {
        for (let i = 0; i < PROFILED_STEPS; i++) {
          flight.add(submitStep(parts, done, rowIndices, timer.record));
          done++;
        }
        await flight.atMost(0);
        return {
          kernels: kernelTimes(await timer.read(), config),
          limits: await adapterLimits(context),
        };
      } finally {
        timer.dispose();
      }
    },
    latents: architecture.latents,
    readState,
    readParams: async () => trainerStateParams(await readState(), config),
    byteLength: () => architecture.byteLength() + (averager?.byteLength() ?? 0),
    dispose: () => {
      averager?.dispose();
      architecture.dispose();
    },
  };
}

/** One submit: uploads, the step's pass, a copy of its metrics. Resolves when the GPU is done with it. */
async function submitStep(
  parts: Parts,
  step: number,
  rowIndices: Uint32Array,
  record: StepTimer['record'] = recordInOnePass,
): Promise<StepMetrics> {
  const { context, architecture, averager } = parts;
  const { device, staging } = context;
  const { metrics } = architecture;
  writeBuffer(context, architecture.rowIndices, rowIndices);
  architecture.writeStep(step);
  const encoder = device.createCommandEncoder({ label: `sae step ${step}` });
  architecture.reset(encoder);
  record(encoder, [...architecture.dispatches, ...(averager?.dispatches ?? [])]);
  const staged = staging.stage(encoder, metrics.buffer, metrics.byteLength);
  device.queue.submit([encoder.finish()]);
  return metrics.parse(await staged.read(), step);
}

function kernelTimes(times: ReadonlyMap<string, number>, config: SaeConfig): KernelTime[] {
  const work = stepWork(config);
  return [...times].map(([name, ms]) => ({ name, ms, work: work[name] ?? null }));
}

function recordInOnePass(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void {
  const pass = encoder.beginComputePass({ label: 'sae step' });
  for (const { record } of dispatches) record(pass);
  pass.end();
}

/** What is short of a batch is filled up with its first row, and not read. */
async function squaredErrors(parts: Parts, rowIndices: Uint32Array): Promise<Float64Array> {
  const { architecture, config } = parts;
  const { errors } = architecture;
  invariant(errors !== null, `no errors of architecture ${config.architecture}`);
  const { batchSize: rows } = config;
  const out = new Float64Array(rowIndices.length);
  for (let first = 0; first < out.length; first += rows) {
    const part = rowIndices.subarray(first, first + rows);
    const batch = new Uint32Array(rows).fill(part[0]!);
    batch.set(part);
    const gradient = await errorsOf(parts, errors, batch);
    const stride = gradient.length / rows;
    for (let row = 0; row < part.length; row++) {
      let squares = 0;
      for (let i = row * stride; i < (row + 1) * stride; i++) squares += gradient[i]! ** 2;
      out[first + row] = squares * (rows / 2) ** 2;
    }
  }
  return out;
}

async function errorsOf(
  { context, architecture, state, config }: Parts,
  { dispatches, gradient }: NonNullable<ArchitectureStep['errors']>,
  rowIndices: Uint32Array,
): Promise<Float32Array> {
  writeBuffer(context, architecture.rowIndices, rowIndices);
  // Of the step's uniform only 2/B is read here, the same at every step.
  architecture.writeStep(state.step);
  const encoder = context.device.createCommandEncoder({ label: 'sae errors' });
  architecture.reset(encoder);
  recordInOnePass(encoder, dispatches);
  const byteLength = 4 * config.batchSize * strideOf(config.d_in);
  const staged = context.staging.stage(encoder, gradient, byteLength);
  context.device.queue.submit([encoder.finish()]);
  return new Float32Array(await staged.read());
}

/** Steps on their way and the metrics of those that arrived, in order. */
function makeFlight() {
  const pending: Promise<StepMetrics>[] = [];
  let arrived: StepMetrics[] = [];
  return {
    add: (metrics: Promise<StepMetrics>) => {
      // A lost device rejects every step in flight; the caller learns of it in `atMost`.
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
