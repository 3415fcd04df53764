// Owns the GPU device: opens it when first needed, describes it, and opens a new one after a loss; and chooses what
// computes SAEs, the GPU or the processor.
import { DeviceLostError } from '../core/errors';
import type { MachineLimits } from '../core/model/modelNeeds';
import type { SaeBackend, SaeBackendName } from '../core/train/saeBackend';
import { once } from '../core/once';
import type { CpuBackend } from '../cpu/cpuBackend';
import type { GpuContext } from '../gpu/device/device';
import { readMatrix } from '../gpu/device/readMatrix';
import type { TuningStore } from '../gpu/sae/encodeTuner';
import { APP_VERSION } from './appVersion';
import type { DeviceFacts, ModelBackend } from './shared/api';
import type { EngineParts } from './parts';
import { GpuRefusalError, NoDeviceError } from './problems';

const WAY_OUT = {
  'no-webgpu': 'Open this page in Chrome or Edge 121+, Safari 26+ or Firefox 141+.',
  'no-adapter':
    'Turn on graphics acceleration in the browser settings, or update the graphics driver, then reload.',
  refused: 'Close other tabs that use the GPU, then reload.',
} as const;

export type DeviceFault = DeviceLostError | GpuRefusalError;

export type DeviceHost = {
  /** Opens the device if it is not open; never throws. */
  facts: () => Promise<DeviceFacts>;
  /** The device; throws NoDeviceError with the reason if there is none. */
  acquire: () => Promise<GpuContext>;
  /** Limits for models on the backend that facts() names; never throws. */
  limits: () => Promise<MachineLimits>;
  /** Overrides where the model runs; null chooses by the device. Returns the previous choice. */
  chooseBackend: (backend: ModelBackend | null) => ModelBackend | null;
  /** What computes SAEs from now on: the same object until the choice or the device changes. Throws
   *  NoDeviceError where WebGPU was asked for and there is none. */
  sae: () => Promise<SaeBackend>;
  /** Products of many rows with fixed matrices, on the processor whatever computes SAEs. */
  createProducts: CpuBackend['createProducts'];
  /** what `sae` answered last; null before */
  saeRunsOn: () => SaeBackendName | null;
  /** Overrides that choice; null chooses by the device. Returns the previous choice. */
  chooseSaeBackend: (backend: SaeBackendName | null) => SaeBackendName | null;
  /** Called once per loss, and for work that the GPU refused without being lost, out of memory above all. */
  onFault: (listener: (fault: DeviceFault) => void) => void;
};

/** Why the model left the GPU, and how it gets back. */
const GIVEN_UP =
  'The GPU was lost three times, so the model now runs on the processor (wasm), which is slower. Choose WebGPU beside “Runs on” to try it again.';

/** Losses after which the model runs on the processor until somebody chooses WebGPU again: ONNX Runtime cannot be
 *  relied on to survive many in one worker, and a machine that loses its GPU so often will lose it again. */
const MOST_LOSSES = 3;

export function createDeviceHost(parts: EngineParts): DeviceHost {
  let opening: Promise<GpuContext> | null = null;
  let chosenBackend: ModelBackend | null = null;
  /** since WebGPU was last chosen */
  let losses = 0;
  let chosenSae: SaeBackendName | null = null;
  let saeBackend: SaeBackend | null = null;
  let gpu: { context: GpuContext; backend: SaeBackend } | null = null;
  const listeners: ((fault: DeviceFault) => void)[] = [];
  const tell = (fault: DeviceFault) => {
    for (const listener of listeners) listener(fault);
  };

  const open = async (): Promise<GpuContext> => {
    const result = await parts.openDevice();
    if (!result.ok)
      throw new NoDeviceError(`No WebGPU: ${result.message}. ${WAY_OUT[result.reason]}`);
    const context = result.context;
    void context.lost.then((info) => {
      opening = null;
      losses++;
      // A choice of WebGPU that was tried so often is not kept against it.
      if (losses === MOST_LOSSES && chosenBackend === 'webgpu') chosenBackend = null;
      const why = info.message || 'no reason given';
      tell(new DeviceLostError(`The GPU device was lost (${why}).`));
    });
    context.onUncapturedError((message) => {
      tell(new GpuRefusalError(`The GPU refused work: ${message}`));
    });
    return context;
  };
  const acquire = () => {
    // A refused device may be granted later, so failures are never cached.
    opening ??= open().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };

  const modelChoice = () => ({ chosen: chosenBackend, isGivenUp: losses >= MOST_LOSSES });
  const acquireOrNull = () =>
    acquire().catch((cause: unknown) => {
      if (cause instanceof NoDeviceError) return null;
      throw cause;
    });
  const cpu = once(async () =>
    (await import('../cpu/cpuBackend')).makeCpuBackend(
      async (x) => (x.where === 'cpu' ? x.data : readMatrix(await acquire(), x)),
      parts.kernelThreads,
    ),
  );
  const tuning = { store: makeTuningStore(parts.storage), now: parts.now };
  const backendOf = async (context: GpuContext): Promise<SaeBackend> => {
    const { makeGpuBackend } = await import('../gpu/gpuBackend');
    if (gpu?.context !== context) gpu = { context, backend: makeGpuBackend(context, tuning) };
    return gpu.backend;
  };

  return {
    acquire,
    async sae() {
      const context = chosenSae === 'cpu' ? null : await acquireOrNull();
      const isOnGpu = context !== null && (chosenSae === 'webgpu' || !context.isSoftware);
      if (chosenSae === 'webgpu' && context === null) await acquire();
      const backend = await (isOnGpu ? backendOf(context) : cpu());
      saeBackend = backend;
      return backend;
    },
    createProducts: async (matrices) => (await cpu()).createProducts(matrices),
    saeRunsOn: () => saeBackend?.name ?? null,
    chooseSaeBackend(backend) {
      const before = chosenSae;
      chosenSae = backend;
      return before;
    },
    chooseBackend(backend) {
      const before = chosenBackend;
      chosenBackend = backend;
      if (backend === 'webgpu') losses = 0;
      return before;
    },
    onFault: (listener) => void listeners.push(listener),
    async limits() {
      const context = await acquire().catch(() => null);
      if (context === null || modelBackendOf(context, modelChoice()) === 'wasm') {
        return { backend: 'wasm' };
      }
      const hasHalf = context.device.features.has('shader-f16');
      return {
        backend: 'webgpu',
        maxBufferSize: context.caps.bufferBytes,
        maxStorageBufferBindingSize: context.caps.storageBindingBytes,
        hasHalf,
      };
    },
    async facts() {
      try {
        const context = await acquire();
        return describe(context, modelChoice(), chosenSae);
      } catch (cause) {
        return {
          problem: cause instanceof Error ? cause.message : String(cause),
          adapter: null,
          isSoftware: false,
          modelBackend: 'wasm',
          backendReason: 'No WebGPU device: the model runs on the processor (wasm).',
          saeBackend: 'cpu',
          saeBackendReason: 'No WebGPU device: SAEs run on the processor.',
        };
      }
    },
  };
}

/** What was measured of kernels, forgotten with the version that measured it. */
function makeTuningStore(storage: EngineParts['storage']): TuningStore {
  const keyOf = (key: string) => `tuning/${APP_VERSION}/${key}`;
  return {
    get: (key) => storage.getFacts(keyOf(key)),
    set: (key, choice) => storage.setFacts(keyOf(key), choice),
  };
}

/** isGivenUp: the GPU was lost too often */
type ModelChoice = { chosen: ModelBackend | null; isGivenUp: boolean };

function modelBackendOf(
  { isSoftware }: GpuContext,
  { chosen, isGivenUp }: ModelChoice,
): ModelBackend {
  return chosen ?? (isSoftware || isGivenUp ? 'wasm' : 'webgpu');
}

function describe(
  context: GpuContext,
  choice: ModelChoice,
  chosenSae: SaeBackendName | null,
): DeviceFacts {
  const saeBackend = chosenSae ?? (context.isSoftware ? 'cpu' : 'webgpu');
  return {
    problem: null,
    adapter: context.adapter,
    isSoftware: context.isSoftware,
    modelBackend: modelBackendOf(context, choice),
    backendReason: modelReason(context, choice),
    saeBackend,
    saeBackendReason: saeReason(context, chosenSae),
  };
}

function modelReason({ isSoftware }: GpuContext, { chosen, isGivenUp }: ModelChoice): string {
  if (chosen === 'wasm') return 'Chosen by you: wasm, on the processor.';
  if (chosen === 'webgpu') {
    return isSoftware
      ? 'Chosen by you: WebGPU, which this software adapter computes very slowly.'
      : 'Chosen by you: WebGPU.';
  }
  if (isGivenUp) return GIVEN_UP;
  return isSoftware
    ? 'Software adapter: the model is faster on the processor (wasm).'
    : 'This machine has a GPU: the model is fastest there.';
}

function saeReason({ isSoftware }: GpuContext, chosen: SaeBackendName | null): string {
  if (chosen === 'cpu') return 'Chosen by you: the processor.';
  if (chosen === 'webgpu') {
    return isSoftware
      ? 'Chosen by you: WebGPU, which this software adapter computes very slowly.'
      : 'Chosen by you: WebGPU.';
  }
  return isSoftware
    ? 'Software adapter: SAEs are many times faster on the processor.'
    : 'This machine has a GPU: SAEs are fastest there.';
}
