// The only access to ONNX Runtime: its builds, sessions, values, the run queue, errors as ModelError. It
// knows devices and buffers behind their handles, but not nanochat.
import type * as OrtModule from 'onnxruntime-web/webgpu';
import type { DeviceHandle, GpuBufferHandle, Matrix } from '../core/handles';
import { invariant } from '../core/errors';
import { isLoadFailure } from '../core/loadFailure';
import { ModelError, outOfMemoryError } from './modelErrors';
import type { Backend, NativeProvider } from './modelTypes';
import { importNative } from './ortNative';
import { makeRunQueue } from './runQueue';

/** A tensor in CPU memory or in a GPU buffer. The caller of `run` disposes it. */
export type OrtValue = OrtModule.Tensor;

export type OrtSession = {
  /** Reads input values without owning them; the outputs belong to the caller. */
  run: (feeds: ReadonlyMap<string, OrtValue>) => Promise<Map<string, OrtValue>>;
  release: () => Promise<void>;
};

type SessionRequest = {
  model: Uint8Array;
  externalData: readonly { path: string; data: Uint8Array }[];
  /** what the 'webgpu' build computes on; null for the 'wasm' build */
  device: DeviceHandle | null;
  outputs: readonly string[];
  /** outputs that are delivered to the CPU on every backend; the others stay where they were computed */
  cpuOutputs: ReadonlySet<string>;
  isPlacementStrict: boolean;
};

/** One build of ONNX Runtime; values of one cannot be used in the other. */
export type Ort = {
  /** what computes, as reports call it: webgpu, wasm, onnxruntime-node cpu, onnxruntime-node cuda; for sure once a
   *  session runs */
  provider: () => string;
  /** Throws ModelError. */
  createSession: (o: SessionRequest) => Promise<OrtSession>;
  /** row-major f32 in CPU memory; the array is read when it is fed, not copied now */
  makeFloatValue: (data: Float32Array, dims: readonly number[]) => OrtValue;
  makeInt32Value: (data: Int32Array, dims: readonly number[]) => OrtValue;
  /** int64 vector */
  makeInt64Value: (values: readonly number[]) => OrtValue;
  /** A matrix as a value. A GPU buffer stays with its owner. */
  makeMatrixValue: (x: Matrix) => OrtValue;
};

export type OrtChoice = {
  backend: Backend;
  /** of 'wasm', for all sessions of the process, by the first that asks; default: `pageThreads` */
  threads?: number | undefined;
  /** outside of a browser, in place of 'wasm' where onnxruntime-node is installed: what it may compute on, first choice
   *  first */
  native?: readonly NativeProvider[] | undefined;
};

const builds = new Map<string, Promise<Ort>>();

/** All sessions share one wasm heap, so they share one queue. */
const enqueue = makeRunQueue();

/** The build for a backend, loaded once. The wasm backend has a build of its own: half the download, and
 *  2.6 times the tokens per second of the same backend in the WebGPU build, whose wasm is instrumented so
 *  that it can await (demo model, Node 20, CPU time). Throws ModelError when it cannot be loaded. */
export function loadOrt(choice: OrtChoice): Promise<Ort> {
  const key = [choice.backend, ...(choice.native ?? [])].join(' ');
  const build = builds.get(key) ?? loadBuild(choice);
  builds.set(key, build);
  void build.catch(() => builds.delete(key));
  return build;
}

async function loadBuild({ backend, threads, native = [] }: OrtChoice): Promise<Ort> {
  try {
    if (backend === 'webgpu') {
      const ort = await import('onnxruntime-web/webgpu');
      // The GPU build has no use for threads.
      ort.env.wasm.numThreads = 1;
      return makeOrt(ort, openOnWebgpu(ort), () => 'webgpu');
    }
    if (import.meta.env.SSR && native.length > 0) {
      const ort = await importNative();
      if (ort !== null) {
        const machine = openOnMachine(ort, native, threads);
        return makeOrt(ort, machine.open, () => `onnxruntime-node ${machine.provider()}`);
      }
    }
    const ort = await importWasmBuild();
    ort.env.wasm.numThreads = threads ?? pageThreads();
    const open: OpenSession = (o) => ort.InferenceSession.create(o.model, cpuOptions(o, ['wasm']));
    return makeOrt(ort, open, () => 'wasm');
  } catch (cause) {
    throw toModelError('start', cause);
  }
}

/** Outside of a browser the package's own build for Node: the same WebAssembly, which can start threads there. */
function importWasmBuild(): Promise<typeof OrtModule> {
  return import.meta.env.SSR ? import('onnxruntime-web') : import('onnxruntime-web/wasm');
}

/** Every core up to 8 in a cross-origin isolated page, which has threads: ONNX Runtime's own default is half of them,
 *  and on 2 cores the second gave 1.9 times the tokens per second. */
function pageThreads(): number {
  // Undefined in Node, whatever the DOM's types say.
  const isIsolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  return isIsolated ? Math.min(8, navigator.hardwareConcurrency) : 1;
}

function makeOrt(ort: typeof OrtModule, open: OpenSession, provider: () => string): Ort {
  const makeFloatValue = (data: Float32Array, dims: readonly number[]) =>
    new ort.Tensor('float32', data, dims);
  return {
    provider,
    createSession: async (o) => {
      const session = await openSession(open, o);
      return {
        run: async (feeds) => {
          const inputs = Object.fromEntries(feeds);
          const results = await guarded('run the model', () => session.run(inputs));
          return new Map(Object.entries(results));
        },
        release: () => guarded('release the model', () => session.release()),
      };
    },
    makeFloatValue,
    makeInt32Value: (data, dims) => new ort.Tensor('int32', data, dims),
    makeInt64Value: (values) =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]),
    makeMatrixValue: (x) => {
      const dims = [x.rows, x.cols];
      if (x.where === 'cpu') return makeFloatValue(x.data, dims);
      const buffer = x.buffer as unknown as GPUBuffer;
      return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
    },
  };
}

/** Constant folding must not widen f16 weights permanently, so its results are limited to this size. */
const MAX_FOLDED_BYTES = '65536';

type OpenSession = (o: SessionRequest) => Promise<OrtModule.InferenceSession>;
type SessionOptions = OrtModule.InferenceSession.SessionOptions;

/** In its own scope: the closures that a session keeps must not hold on to the weights. */
function openSession(open: OpenSession, o: SessionRequest): Promise<OrtModule.InferenceSession> {
  return guarded('load the model', () => open(o));
}

function cpuOptions(o: SessionRequest, executionProviders: readonly string[]): SessionOptions {
  // Errors only: ONNX Runtime prints warnings about the optimiser's ordinary work.
  return {
    externalData: o.externalData,
    logSeverityLevel: 3,
    executionProviders,
    extra: { optimization: { constant_folding_max_output_size_in_bytes: MAX_FOLDED_BYTES } },
  };
}

/** On the first of `providers` that works here. CUDA's libraries are no part of the package: where they are missing, the
 *  first session fails and the next provider takes over. */
function openOnMachine(
  ort: typeof OrtModule,
  providers: readonly NativeProvider[],
  threads?: number,
): { open: OpenSession; provider: () => string } {
  let left = providers;
  const open: OpenSession = async (o) => {
    for (;;) {
      const base = cpuOptions(o, left);
      // Threads that wait asleep: a third less of the processor's time on a busy machine, and as quick.
      const extra = { ...base.extra, session: { intra_op: { allow_spinning: '0' } } };
      const options = { ...base, extra, intraOpNumThreads: threads ?? 0 };
      try {
        return await ort.InferenceSession.create(o.model, options);
      } catch (cause) {
        if (left.length < 2) throw cause;
        left = left.slice(1);
      }
    }
  };
  return { open, provider: () => left[0] ?? 'cpu' };
}

function openOnWebgpu(ort: typeof OrtModule): OpenSession {
  return (o) => {
    invariant(o.device !== null, "backend 'webgpu' needs a device");
    const device = o.device as unknown as GPUDevice;
    const location = (name: string) => (o.cpuOutputs.has(name) ? 'cpu' : 'gpu-buffer');
    const base = cpuOptions(o, []);
    return ort.InferenceSession.create(o.model, {
      ...base,
      executionProviders: [{ name: 'webgpu', device }],
      preferredOutputLocation: Object.fromEntries(o.outputs.map((name) => [name, location(name)])),
      extra: {
        ...base.extra,
        ...(o.isPlacementStrict && { session: { disable_cpu_ep_fallback: '1' } }),
      },
    });
  };
}

async function guarded<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await enqueue(call);
  } catch (cause) {
    throw toModelError(what, cause);
  }
}

function toModelError(what: string, cause: unknown): ModelError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/device.{0,20}lost|lost.{0,20}device/i.test(message)) return deviceLostError(cause);
  if (isLoadFailure(cause)) {
    return new ModelError(
      'not-loaded',
      'ONNX Runtime, which runs the model, did not load from this page’s address.',
      { cause },
    );
  }
  // std::bad_alloc arrives from wasm as a C++ exception number.
  if (/out of memory|bad_alloc|allocat|too large|exceeds the max/i.test(message)) {
    return outOfMemoryError(what, cause);
  }
  const how = cause instanceof WebAssembly.RuntimeError ? ' and crashed' : '';
  return new ModelError('failed', `ONNX Runtime could not ${what}${how}: ${message}`, { cause });
}

export function deviceLostError(cause?: unknown): ModelError {
  return new ModelError(
    'device-lost',
    'The GPU device was lost, and the data of the model with it.',
    { cause },
  );
}

/** Calls back once when the device is lost. */
export function onDeviceLost(device: DeviceHandle, tell: () => void): void {
  void (device as unknown as GPUDevice).lost.then(tell);
}

/** A value of rank 2 as a matrix over the same memory. */
export function toMatrix(value: OrtValue): Matrix {
  const [rows, cols] = value.dims;
  invariant(rows !== undefined && cols !== undefined, `rank ${value.dims.length} is not a matrix`);
  if (value.location === 'gpu-buffer') {
    return { where: 'gpu', rows, cols, buffer: value.gpuBuffer as unknown as GpuBufferHandle };
  }
  return { where: 'cpu', rows, cols, data: readFloats(value) };
}

/** A CPU value's numbers. */
export function readFloats(value: OrtValue): Float32Array {
  invariant(value.data instanceof Float32Array, `value of type ${value.type} does not hold f32`);
  return value.data;
}

export function disposeValue(value: OrtValue): void {
  try {
    value.dispose();
  } catch (cause) {
    // A lost device took the buffer with it, and then its release is a call of nothing ("null function").
    if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
  }
}
