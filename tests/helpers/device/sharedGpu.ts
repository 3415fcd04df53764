// The one WebGPU device of a kernel run. Files of the project gpu-node share a process, so what was compiled for one test
// is there for the next: on a software adapter a pipeline takes up to a second. Tests that lose their device open one of
// their own.
import {
  openDevice,
  type DeviceResult,
  type Disposable,
  type GpuContext,
} from '../../../src/gpu/device/device';
import { createStagingPool } from '../../../src/gpu/device/readback';
import { openNodeGpu } from './nodeGpu';

let opening: Promise<GpuContext | string> | null = null;

/** The device, at the limits that every WebGPU device has, or why there is none. */
export function sharedGpu(): Promise<GpuContext | string> {
  opening ??= (async () => {
    const gpu = await openNodeGpu();
    if (gpu === null) return 'the optional package webgpu is not installed';
    const result = await openDevice(gpu, { limits: 'default' });
    return result.ok ? result.context : result.message;
  })();
  return opening;
}

/** The shared device as an engine is handed one: disposing of it gives back the engine's buffers and leaves the device
 *  and its pipelines to others. */
export async function borrowDevice(): Promise<DeviceResult> {
  const shared = await sharedGpu();
  if (typeof shared === 'string') return { ok: false, reason: 'no-adapter', message: shared };
  const owned = new Set<Disposable>();
  const staging = createStagingPool(shared.device);
  const dispose = () => {
    for (const set of [...owned]) set.dispose();
    staging.dispose();
  };
  return { ok: true, context: { ...shared, owned, staging, dispose } };
}
