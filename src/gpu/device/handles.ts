// The casts between core's opaque handles and the GPU objects behind them. Nothing outside `gpu` (and
// `model`, for ORT's own buffers) looks inside a handle.
import type { DeviceHandle, GpuBufferHandle } from '../../core/handles';

export function deviceHandle(device: GPUDevice): DeviceHandle {
  return device as unknown as DeviceHandle;
}

export function bufferHandle(buffer: GPUBuffer): GpuBufferHandle {
  return buffer as unknown as GpuBufferHandle;
}

export function bufferOf(handle: GpuBufferHandle): GPUBuffer {
  return handle as unknown as GPUBuffer;
}
