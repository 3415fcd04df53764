// What computes SAEs, as tests are handed it: one body for the GPU's kernels and the processor's.
import { test } from 'vitest';
import type { SaeBackend } from '../../src/core/train/saeBackend';
import { makeCpuBackend } from '../../src/cpu/cpuBackend';
import { makeGpuBackend } from '../../src/gpu/gpuBackend';
import { gpuTest, type GpuTestOptions } from './gpuTest';

/** The processor, beside a model that runs there too. */
export const CPU_BACKEND: SaeBackend = makeCpuBackend((x) => {
  if (x.where === 'cpu') return Promise.resolve(x.data);
  throw new Error('a matrix on a GPU, which this test does not have');
});

/** Declares a test of a backend. */
export type BackendTest = (name: string, body: (backend: SaeBackend) => Promise<void>) => void;

export const cpuBackendTest: BackendTest = (name, body) => {
  test(name, () => body(CPU_BACKEND));
};

export function gpuBackendTest(o: GpuTestOptions = {}): BackendTest {
  return (name, body) => {
    gpuTest(name, (context) => body(makeGpuBackend(context)), o);
  };
}
