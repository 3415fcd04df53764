// What computes SAEs, as tests are handed it: one body for the GPU's kernels and the processor's.
import { test } from 'vitest';
import type { Matrix } from '../../../src/core/handles';
import type { SaeBackend } from '../../../src/core/train/saeBackend';
import { makeCpuBackend } from '../../../src/cpu/cpuBackend';
import { makeGpuBackend } from '../../../src/gpu/gpuBackend';
import { nodeThreads, type NodeThreads } from '../nodeThreads';
import { gpuTest, type GpuTestOptions } from '../device/gpuTest';

/** The processor, beside a model that runs there too. */
const readCpu = (x: Matrix): Promise<Float32Array> => {
  if (x.where === 'cpu') return Promise.resolve(x.data);
  throw new Error('a matrix on a GPU, which this test does not have');
};

export const CPU_BACKEND: SaeBackend = makeCpuBackend(readCpu, null);

/** The same in three threads, an odd number, which have all started before anything is computed. */
export function threadedBackend(): SaeBackend & Pick<NodeThreads, 'jobs'> {
  const threads = nodeThreads(2);
  const backend = makeCpuBackend(readCpu, threads);
  const started = async <T>(made: Promise<T>): Promise<T> => {
    const value = await made;
    await threads.settled();
    return value;
  };
  return {
    ...backend,
    createTrainer: (o) => started(backend.createTrainer(o)),
    createEncoder: (params) => started(backend.createEncoder(params)),
    jobs: threads.jobs,
  };
}

/** Declares a test of a backend. */
export type BackendTest = (name: string, body: (backend: SaeBackend) => Promise<void>) => void;

export const cpuBackendTest: BackendTest = (name, body) => {
  test(name, () => body(CPU_BACKEND));
};

const threaded = threadedBackend();

export const threadedBackendTest: BackendTest = (name, body) => {
  test(`${name}, in three threads`, () => body(threaded));
};

export function gpuBackendTest(o: GpuTestOptions = {}): BackendTest {
  return (name, body) => {
    gpuTest(name, (context) => body(makeGpuBackend(context)), o);
  };
}
