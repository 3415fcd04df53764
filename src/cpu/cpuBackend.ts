// The processor as a backend for SAEs: WebAssembly kernels over memory of its own. Needs no GPU.
import { invariant } from '../core/errors';
import type { Matrix } from '../core/handles';
import type { ActivationRing } from '../core/train/activationRing';
import { createCpuRowStore } from '../core/train/rowStore';
import type { SaeBackend } from '../core/train/saeBackend';
import { createCpuProducts, type CpuProducts, type FixedMatrix } from './circuits/cpuProducts';
import { makeKernelThreads, type ThreadSource } from './kernelThreads';
import { createCpuEncoder } from './sae/cpuEncoder';
import { createCpuRing, type CpuRing } from './train/cpuRing';
import { createCpuTrainer } from './train/cpuTrainer';

export type CpuBackend = SaeBackend & {
  /** Throws ConfigError if the machine has not the memory. */
  createProducts: (matrices: readonly FixedMatrix[]) => Promise<CpuProducts>;
};

/** @param read the values of a matrix, wherever it is: a model may run on a GPU while the SAE does not
 *  @param source of further threads; null where there are none */
export function makeCpuBackend(
  read: (x: Matrix) => Promise<Float32Array>,
  source: ThreadSource | null,
): CpuBackend {
  const others = source === null || source.count === 0 ? null : makeKernelThreads(source);
  return {
    name: 'cpu',
    description: others === null ? 'the processor' : `the processor, ${1 + others.count} threads`,
    createRing: (o) => Promise.resolve(createCpuRing(o, read)),
    createRowStore: (o) => createCpuRowStore(o, read),
    createTrainer: ({ targets, ...o }) =>
      createCpuTrainer({
        ...o,
        ring: cpuRing(o.ring),
        others,
        ...(targets && { targets: cpuRing(targets) }),
      }),
    createEncoder: (params) => createCpuEncoder(params, read, others),
    readMatrix: read,
    createProducts: (matrices) => createCpuProducts(matrices, others),
  };
}

function cpuRing(ring: ActivationRing): CpuRing {
  invariant('copyRow' in ring, 'a ring that this backend did not make');
  return ring as CpuRing;
}
