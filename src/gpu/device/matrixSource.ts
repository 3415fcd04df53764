// A matrix in a form that a kernel can bind: a GPU matrix directly, a CPU matrix uploaded to a buffer that
// grows and is reused.
import type { Matrix } from '../../core/handles';
import { writeBuffer, type BufferData, type BufferSet } from './buffers';
import type { BindingSource } from './bindingLayout';
import type { GpuContext } from './device';
import { bufferOf } from './handles';

/** A buffer that is replaced by a larger one when its content does not fit. */
export function createGrowingBuffer(context: GpuContext, set: BufferSet, label: string) {
  let buffer = set.storage(label, 0);
  const reserve = (byteLength: number): GPUBuffer => {
    if (byteLength > buffer.size) {
      set.release(buffer);
      buffer = set.storage(label, Math.ceil(byteLength * 1.5));
    }
    return buffer;
  };
  return {
    reserve,
    upload: (data: BufferData): GPUBuffer => {
      writeBuffer(context, reserve(data.byteLength), data);
      return buffer;
    },
  };
}
export type GrowingBuffer = ReturnType<typeof createGrowingBuffer>;

/** Binds exactly rows · cols floats: buffers of ORT may be longer. */
export function bindMatrix(x: Matrix, upload: GrowingBuffer): BindingSource {
  const buffer = x.where === 'gpu' ? bufferOf(x.buffer) : upload.upload(x.data);
  return { buffer, offset: 0, size: Math.max(16, x.rows * x.cols * 4) };
}
