// Opens the GPUDevice and holds what belongs to it: compiled pipelines, staging buffers, owned
// buffers. Knows no kernel and no model.
import type { DeviceHandle } from '../../core/handles';
import { deviceHandle } from './handles';
import { createStagingPool, isUsable, type StagingPool } from './readback';

/** What kernels may rely on. Tests lower them to force chunks. */
export type GpuCaps = {
  /** largest range of one storage binding, bytes */
  storageBindingBytes: number;
  /** largest buffer, bytes */
  bufferBytes: number;
  /** workgroup memory of one workgroup, bytes */
  workgroupStorageBytes: number;
};

/** Anything that must be disposed with the device. */
export type Disposable = { dispose: () => void };

export type GpuContext = {
  device: GPUDevice;
  /** the same device as an opaque handle for `model`, which must not know its type */
  handle: DeviceHandle;
  /** vendor, architecture and description as one line */
  adapter: string;
  /** an adapter that runs on the CPU (SwiftShader, lavapipe): binders choose variants with few barriers */
  isSoftware: boolean;
  hasTimestamps: boolean;
  /** shaders may `enable f16` */
  hasF16: boolean;
  caps: GpuCaps;
  /** compiled pipelines of this device, by kernel, variant and overrides */
  pipelines: Map<string, Promise<GPUComputePipeline>>;
  staging: StagingPool;
  /** buffer sets that are not disposed yet; disposed with the context */
  owned: Set<Disposable>;
  /** resolves when the device is lost, or destroyed by `dispose` (reason 'destroyed') */
  lost: Promise<GPUDeviceLostInfo>;
  /** Whether it still answers, asked of the device itself: after a failure `lost` may resolve too late. */
  isUsable: () => Promise<boolean>;
  /** Called, until `dispose`, with each error that no error scope caught: memory refused, or an invalid call of ours. */
  onUncapturedError: (listener: (message: string) => void) => void;
  dispose: () => void;
};

export type DeviceResult =
  | { ok: true; context: GpuContext }
  | { ok: false; reason: 'no-webgpu' | 'no-adapter' | 'refused'; message: string };

export type DeviceOptions = {
  powerPreference?: GPUPowerPreference;
  /** 'default': the limits that every WebGPU device has, which must be enough. Default 'adapter' */
  limits?: 'adapter' | 'default';
  /** lowers what kernels may rely on, below the device's own limits */
  caps?: Partial<GpuCaps>;
};

const GIB = 2 ** 30;
const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render/i;

/** Asks `gpu` (navigator.gpu in a browser, Dawn in Node) for a device. Never throws: a machine without
 *  WebGPU is an expected answer. */
export async function openDevice(
  gpu: GPU | undefined,
  o: DeviceOptions = {},
): Promise<DeviceResult> {
  if (gpu === undefined) {
    return { ok: false, reason: 'no-webgpu', message: 'this browser has no WebGPU' };
  }
  const adapter = await requestAdapter(gpu, o);
  if (adapter === null) {
    return { ok: false, reason: 'no-adapter', message: 'WebGPU found no usable graphics adapter' };
  }
  try {
    const device = await adapter.requestDevice({
      label: 'nanoscope',
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: o.limits === 'default' ? {} : wantedLimits(adapter.limits),
    });
    return { ok: true, context: makeContext(device, adapter.info, o) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, reason: 'refused', message: `the adapter gave no device: ${message}` };
  }
}

async function requestAdapter(gpu: GPU, o: DeviceOptions): Promise<GPUAdapter | null> {
  try {
    return await gpu.requestAdapter({ powerPreference: o.powerPreference ?? 'high-performance' });
  } catch {
    // After its GPU process has died too often, Chromium rejects instead of returning null.
    return null;
  }
}

/** The adapter's own limits, storage capped at 1 GiB: more is never bound, and some drivers lie. */
function wantedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxStorageBufferBindingSize: Math.min(limits.maxStorageBufferBindingSize, GIB),
    maxBufferSize: Math.min(limits.maxBufferSize, 4 * GIB),
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  };
}

function makeContext(device: GPUDevice, info: GPUAdapterInfo, o: DeviceOptions): GpuContext {
  const adapter = [info.vendor, info.architecture, info.description || info.device]
    .filter((part) => part !== '')
    .join(' ');
  const owned = new Set<Disposable>();
  const staging = createStagingPool(device);
  const uncaptured = uncapturedErrors(device);
  return {
    device,
    handle: deviceHandle(device),
    adapter: adapter === '' ? 'unnamed adapter' : adapter,
    isSoftware: info.isFallbackAdapter || SOFTWARE.test(`${adapter} ${info.device}`),
    hasTimestamps: device.features.has('timestamp-query'),
    hasF16: device.features.has('shader-f16'),
    caps: {
      storageBindingBytes: device.limits.maxStorageBufferBindingSize,
      bufferBytes: device.limits.maxBufferSize,
      workgroupStorageBytes: device.limits.maxComputeWorkgroupStorageSize,
      ...o.caps,
    },
    pipelines: new Map(),
    staging,
    owned,
    lost: device.lost,
    isUsable: () => isUsable(device),
    onUncapturedError: uncaptured.listen,
    dispose: () => {
      uncaptured.end();
      for (const set of [...owned]) set.dispose();
      staging.dispose();
      device.destroy();
    },
  };
}

/** Listens to errors that no error scope caught, until `end`. */
export function uncapturedErrors(device: GPUDevice): {
  listen: GpuContext['onUncapturedError'];
  end: () => void;
} {
  const ends: (() => void)[] = [];
  return {
    listen: (listener) => {
      const hear = ({ error }: GPUUncapturedErrorEvent) => listener(error.message);
      device.addEventListener('uncapturederror', hear);
      // Dawn in Node knows no `signal` that would end it.
      ends.push(() => device.removeEventListener('uncapturederror', hear));
    },
    end: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}
