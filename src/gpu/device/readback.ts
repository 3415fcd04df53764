// Copies from GPU to CPU through pooled staging buffers. Staging a copy never waits; reading it does, so
// a training loop stages in step t and reads some steps later. It does not know what the bytes mean.
import { DeviceLostError, invariant } from '../../core/errors';

/** One copy on its way. Call `read` or `drop` once, after the encoder was submitted. */
export type StagedRead = {
  /** resolves with a fresh copy of the bytes once the GPU has written them */
  read: () => Promise<ArrayBuffer>;
  drop: () => void;
};

export type StagingPool = {
  /** Records a copy of [offset, offset + byteLength) into `encoder`; both multiples of 4. */
  stage: (
    encoder: GPUCommandEncoder,
    source: GPUBuffer,
    byteLength: number,
    offset?: number,
  ) => StagedRead;
  /** stage + submit + read, for callers that have nothing to overlap */
  read: (source: GPUBuffer, byteLength: number, offset?: number) => Promise<ArrayBuffer>;
  dispose: () => void;
};

/** Larger sizes are rounded up to powers of two, so that buffers can be reused. */
const SMALLEST = 256;

/** Whether the device still answers. Work under way fails before `device.lost` resolves, so a failure alone does not
 *  tell which it was; a buffer of a lost device cannot be mapped. */
export async function isUsable(device: GPUDevice): Promise<boolean> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: 'is it alive', size: 4, usage });
  try {
    await buffer.mapAsync(GPUMapMode.READ);
    return true;
  } catch {
    return false;
  } finally {
    buffer.destroy();
  }
}

/** Reading throws DeviceLostError where the device was lost meanwhile. */
export function createStagingPool(device: GPUDevice): StagingPool {
  const idle: GPUBuffer[] = [];
  const all = new Set<GPUBuffer>();

  const acquire = (byteLength: number): GPUBuffer => {
    const size = 2 ** Math.ceil(Math.log2(Math.max(SMALLEST, byteLength)));
    const at = idle.findIndex((buffer) => buffer.size === size);
    if (at >= 0) return idle.splice(at, 1)[0]!;
    const buffer = device.createBuffer({
      label: `staging ${size}`,
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    all.add(buffer);
    return buffer;
  };

  const stage: StagingPool['stage'] = (encoder, source, byteLength, offset = 0) => {
    invariant(byteLength % 4 === 0 && offset % 4 === 0, `copy of ${byteLength} bytes at ${offset}`);
    const staging = acquire(byteLength);
    if (byteLength > 0) encoder.copyBufferToBuffer(source, offset, staging, 0, byteLength);
    const release = () => {
      if (all.has(staging)) idle.push(staging);
    };
    return {
      read: async () => {
        try {
          await staging.mapAsync(GPUMapMode.READ, 0, byteLength);
          const copy = staging.getMappedRange(0, byteLength).slice(0);
          staging.unmap();
          return copy;
        } catch (cause) {
          if (await isUsable(device)) throw cause;
          throw new DeviceLostError('The GPU device was lost.', { cause });
        } finally {
          release();
        }
      },
      drop: release,
    };
  };

  return {
    stage,
    read: (source, byteLength, offset = 0) => {
      const encoder = device.createCommandEncoder({ label: `read ${source.label}` });
      const staged = stage(encoder, source, byteLength, offset);
      device.queue.submit([encoder.finish()]);
      return staged.read();
    },
    dispose: () => {
      for (const buffer of all) buffer.destroy();
      all.clear();
      idle.length = 0;
    },
  };
}
