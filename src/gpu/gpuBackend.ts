// The GPU as a backend for SAEs: binds one device to the interface that the engine asks for.
import type { ActivationRing } from '../core/train/activationRing';
import { invariant } from '../core/errors';
import type { SaeBackend } from '../core/train/saeBackend';
import type { GpuContext } from './device/device';
import { readMatrix } from './device/readMatrix';
import { createSaeEncoder } from './sae/saeEncoder';
import { createActivationRing, type GpuActivationRing } from './train/activationRing';
import { createSaeTrainer } from './train/saeTrainer';

export function makeGpuBackend(context: GpuContext): SaeBackend {
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
    createTrainer: ({ targets, ...o }) =>
      createSaeTrainer(context, {
        ...o,
        ring: gpuRing(o.ring),
        ...(targets && { targets: gpuRing(targets) }),
      }),
    createEncoder: (params, o) => createSaeEncoder(context, params, o),
    readMatrix: (x) => readMatrix(context, x),
  };
}

function gpuRing(ring: ActivationRing): GpuActivationRing {
  invariant('buffer' in ring, 'a ring that this backend did not make');
  return ring as GpuActivationRing;
}
