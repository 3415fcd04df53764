// Owns the GPU device: opens it when first needed, describes it, and opens a new one after a loss.
import type { MachineLimits } from '../core/model/modelNeeds';
import type { GpuContext } from '../gpu/device/device';
import type { DeviceFacts, ModelBackend } from './shared/api';
import type { EngineParts } from './parts';
import { DeviceLostError, GpuRefusalError, NoDeviceError } from './problems';

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
  /** Called once per loss, and for work that the GPU refused without being lost, out of memory above all. */
  onFault: (listener: (fault: DeviceFault) => void) => void;
};

export function createDeviceHost(parts: EngineParts): DeviceHost {
  let opening: Promise<GpuContext> | null = null;
  let chosenBackend: ModelBackend | null = null;
  const listeners: ((fault: DeviceFault) => void)[] = [];
  const tell = (fault: DeviceFault) => {
    for (const listener of listeners) listener(fault);
  };

  const open = async (): Promise<GpuContext> => {
    const result = await parts.openDevice();
    if (!result.ok)
      throw new NoDeviceError(
        `Training needs WebGPU: ${result.message}. ${WAY_OUT[result.reason]}`,
      );
    const context = result.context;
    void context.lost.then((info) => {
      opening = null;
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

  return {
    acquire,
    chooseBackend(backend) {
      const before = chosenBackend;
      chosenBackend = backend;
      return before;
    },
    onFault: (listener) => void listeners.push(listener),
    async limits() {
      const context = await acquire().catch(() => null);
      if (context === null || describe(context, chosenBackend).modelBackend === 'wasm') {
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
        return describe(context, chosenBackend);
      } catch (cause) {
        return {
          problem: cause instanceof Error ? cause.message : String(cause),
          adapter: null,
          isSoftware: false,
          modelBackend: 'wasm',
          backendReason: 'No WebGPU device: the model runs on the processor (wasm).',
        };
      }
    },
  };
}

function describe(context: GpuContext, chosen: ModelBackend | null): DeviceFacts {
  const modelBackend = chosen ?? (context.isSoftware ? 'wasm' : 'webgpu');
  return {
    problem: null,
    adapter: context.adapter,
    isSoftware: context.isSoftware,
    modelBackend,
    backendReason:
      chosen !== null
        ? chosen === 'webgpu' && context.isSoftware
          ? 'Chosen by you: WebGPU, which this software adapter computes very slowly.'
          : `Chosen by you: ${chosen === 'webgpu' ? 'WebGPU' : 'wasm, on the processor'}.`
        : context.isSoftware
          ? 'Software adapter: the model is faster on the processor (wasm), the SAE kernels run on WebGPU.'
          : 'Model and SAE share one WebGPU device.',
  };
}
