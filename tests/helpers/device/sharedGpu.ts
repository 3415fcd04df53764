// The one WebGPU device of a kernel run. Files of the project gpu-node share a process, so what was compiled for one test
// is there for the next: on a software adapter a pipeline takes up to a second. Tests that lose their device open one of
// their own.
import {
  openDevice,
  uncapturedErrors,
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

/** What was borrowed and not yet given back. */
const borrowed = new Set<Disposable>();

/** The shared device as an engine is handed one: disposing of it gives back the engine's buffers and leaves the device
 *  and its pipelines to others. What a file leaves open is disposed of at its end (giveBackDevices.ts). */
export async function borrowDevice(): Promise<DeviceResult> {
  const shared = await sharedGpu();
  if (typeof shared === 'string') return { ok: false, reason: 'no-adapter', message: shared };
  const owned = new Set<Disposable>();
  const staging = createStagingPool(shared.device);
  const uncaptured = uncapturedErrors(shared.device);
  const context: GpuContext = {
    ...shared,
    owned,
    staging,
    onUncapturedError: uncaptured.listen,
    dispose: () => {
      borrowed.delete(context);
      uncaptured.end();
      for (const set of [...owned]) set.dispose();
      staging.dispose();
    },
  };
  borrowed.add(context);
  return { ok: true, context };
}

/** Disposes of every borrowed device that is still open. */
export function giveBackDevices(): void {
  for (const context of [...borrowed]) context.dispose();
}
