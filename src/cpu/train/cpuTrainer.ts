// Trains one SAE on the processor, a step at a call. The architecture defines what a step computes. Knows
// neither model nor storage.
import { invariant, ShapeError } from '../../core/errors';
import { checkRings, type SaeTrainer, type TrainerOptions } from '../../core/train/saeTrainer';
import { trainerStateParams, type StepMetrics } from '../../core/train/trainerState';
import type { SaeConfig } from '../../core/sae/sae';
import type { KernelThreads } from '../kernelThreads';
import type { CpuRing } from './cpuRing';
import type { CpuStep, StepOptions } from './cpuStep';
import { createDenseStep } from './denseStep';
import { createSparseStep } from './sparseStep';

export type CpuTrainerOptions = TrainerOptions & {
  ring: CpuRing;
  targets?: CpuRing;
  others: KernelThreads | null;
};

/** Throws ConfigError where the run does not fit the memory. */
export async function createCpuTrainer(o: CpuTrainerOptions): Promise<SaeTrainer> {
  checkRings(o);
  const calibration = { ...o.calibration };
  const step = await createStep({ ...o, calibration, targets: o.targets ?? o.ring });
  return makeTrainer({ ...o, calibration }, step);
}

/** The one place that names each architecture's step. */
function createStep(o: StepOptions<SaeConfig>): Promise<CpuStep> {
  const { config } = o;
  switch (config.architecture) {
    case 'topk':
    case 'transcoder':
    case 'batchtopk':
    case 'matryoshka':
      return createSparseStep({ ...o, config });
    case 'relu':
    case 'gated':
    case 'jumprelu':
      return createDenseStep({ ...o, config });
  }
}

function makeTrainer({ config, state, calibration }: CpuTrainerOptions, own: CpuStep): SaeTrainer {
  let done = state.step;
  let metrics: StepMetrics[] = [];
  const readState = () => Promise.resolve(own.readState(done));
  return {
    step: (rowIndices) => {
      if (rowIndices.length !== config.batchSize) {
        throw new ShapeError(`step of ${rowIndices.length} rows, batchSize is ${config.batchSize}`);
      }
      metrics.push(own.run(rowIndices, done));
      done++;
    },
    ready: () => Promise.resolve(),
    takeMetrics: () => {
      const taken = metrics;
      metrics = [];
      return Promise.resolve(taken);
    },
    setVariance: (variance) => {
      calibration.variance = variance;
    },
    squaredErrors: (rowIndices) => {
      const { squaredErrors } = own;
      invariant(squaredErrors !== null, `no errors of architecture ${config.architecture}`);
      const out = new Float64Array(rowIndices.length);
      for (let first = 0; first < out.length; first += config.batchSize) {
        out.set(squaredErrors(rowIndices.subarray(first, first + config.batchSize)), first);
      }
      return Promise.resolve(out);
    },
    profile: () =>
      Promise.resolve({ why: 'The processor computes a whole step in one call, part by part.' }),
    latents: own.latents,
    readState,
    readParams: async () => trainerStateParams(await readState(), config),
    byteLength: () => own.byteLength,
    dispose: own.dispose,
  };
}
