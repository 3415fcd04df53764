// The products of rows of an attribution graph, and of reruns with attention held, on the processor's kernels, in f32.
import type { FrozenModel } from '../../core/circuits/frozenModel';
import type { MakeProducts } from '../../core/circuits/removalEffects';
import type { RowProducts } from '../../core/circuits/reverseRows';
import { invariant } from '../../core/errors';
import type { CpuBackend } from '../../cpu/cpuBackend';

export function makeFixedProducts(createProducts: CpuBackend['createProducts']): MakeProducts {
  return async (matrices) => {
    const cpu = await createProducts(matrices);
    return {
      make: (length) => new Float32Array(length),
      multiply: (x, rows, matrix) => {
        invariant(x instanceof Float32Array, 'rows of an array that `make` did not give');
        return cpu.multiply(x, rows, matrix);
      },
      dispose: cpu.dispose,
    };
  };
}

export async function createRowProducts(
  createProducts: CpuBackend['createProducts'],
  { layers, width }: FrozenModel,
): Promise<RowProducts & { dispose: () => void }> {
  const matrices = layers.flatMap(({ W_O, W_V }) =>
    [W_O, W_V].map((values) => ({ values, columns: width, inner: values.length / width })),
  );
  const { make, multiply, dispose } = await makeFixedProducts(createProducts)(matrices);
  return {
    make,
    multiply: (x, rows, layer, matrix) => multiply(x, rows, 2 * layer + (matrix === 'W_O' ? 0 : 1)),
    dispose,
  };
}
