// The GPU as a backend for SAEs: binds one device to the interface that the engine asks for.
import type { ActivationRing } from '../core/train/activationRing';
import { invariant } from '../core/errors';
import type { SaeBackend } from '../core/train/saeBackend';
import type { TrainerOptions } from '../core/train/saeTrainer';
import type { GpuContext } from './device/device';
import { readMatrix } from './device/readMatrix';
import type { EncodeTuning } from './sae/encodeTuner';
import { createSaeEncoder } from './sae/saeEncoder';
import { createActivationRing, type GpuActivationRing } from './train/activationRing';
import { createRowStore } from './train/rowStore';
import { createSaeTrainer } from './train/saeTrainer';

/** @param tuning where to keep what was measured of kernels, and a clock in ms; absent: nothing is measured */
export function makeGpuBackend(
  context: GpuContext,
  tuning?: Omit<EncodeTuning, 'steps'>,
): SaeBackend {
  return {
    name: 'webgpu',
    description: context.adapter,
    createRing: async (o) => {
      const ring = createActivationRing(context, o);
      try {
        await ring.prepared;
      } catch (cause) {
        ring.dispose();
        throw cause;
      }
      return ring;
    },
    createRowStore: (o) => createRowStore(context, o),
    createTrainer: ({ targets, ...o }) =>
      createSaeTrainer(context, {
        ...o,
        ring: gpuRing(o.ring),
        ...(tuning && { tuning: { ...tuning, steps: stepsLeft(o) } }),
        ...(targets && { targets: gpuRing(targets) }),
      }),
    createEncoder: (params, o) => createSaeEncoder(context, params, o),
    readMatrix: (x) => readMatrix(context, x),
  };
}

function stepsLeft({ config, state }: Pick<TrainerOptions, 'config' | 'state'>): number {
  return config.tokens / config.batchSize - state.step;
}

function gpuRing(ring: ActivationRing): GpuActivationRing {
  invariant('buffer' in ring, 'a ring that this backend did not make');
  return ring as GpuActivationRing;
}
