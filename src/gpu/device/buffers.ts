// GPU buffers with an owner. The creator of a set disposes it; the context disposes the rest.
import { ConfigError, invariant } from '../../core/errors';
import type { GpuContext } from './device';

export type BufferData = Float32Array | Uint32Array;

export type BufferSet = {
  /** Storage buffer (zeroed, or holding `data`), labelled `owner.label`; copyable both ways. Throws
   *  ConfigError above the device's largest buffer. */
  storage: (label: string, content: number | BufferData, extraUsage?: number) => GPUBuffer;
  uniform: (label: string, content: number | BufferData) => GPUBuffer;
  /** Destroys one buffer early, e.g. before a larger one replaces it. */
  release: (buffer: GPUBuffer) => void;
  /** bytes allocated in this set */
  byteLength: () => number;
  dispose: () => void;
};

export function createBufferSet(context: GpuContext, owner: string): BufferSet {
  const { device } = context;
  const alive = new Set<GPUBuffer>();

  const make = (label: string, content: number | BufferData, usage: number): GPUBuffer => {
    const wanted = typeof content === 'number' ? content : content.byteLength;
    // Zero-sized bindings are invalid; one vec4 keeps empty cases legal.
    const size = Math.max(16, Math.ceil(wanted / 4) * 4);
    if (size > context.caps.bufferBytes) {
      throw new ConfigError(
        `${owner}.${label}: ${size} bytes, but this adapter allows ${context.caps.bufferBytes}; choose a smaller SAE, batch or ring`,
      );
    }
    const buffer = device.createBuffer({ label: `${owner}.${label}`, size, usage });
    alive.add(buffer);
    if (typeof content !== 'number') writeBuffer(context, buffer, content);
    return buffer;
  };

  const set: BufferSet = {
    storage: (label, content, extraUsage = 0) =>
      make(
        label,
        content,
        GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST | extraUsage,
      ),
    uniform: (label, content) =>
      make(label, content, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST),
    release: (buffer) => {
      invariant(alive.delete(buffer), `${buffer.label} is not of the set ${owner}`);
      buffer.destroy();
    },
    byteLength: () => [...alive].reduce((sum, buffer) => sum + buffer.size, 0),
    dispose: () => {
      for (const buffer of alive) buffer.destroy();
      alive.clear();
      context.owned.delete(set);
    },
  };
  context.owned.add(set);
  return set;
}

/** Queue-ordered upload: visible to every later submit and to no earlier one. */
export function writeBuffer(
  context: GpuContext,
  buffer: GPUBuffer,
  data: BufferData,
  byteOffset = 0,
): void {
  context.device.queue.writeBuffer(
    buffer,
    byteOffset,
    data.buffer,
    data.byteOffset,
    data.byteLength,
  );
}

export async function readF32(
  context: GpuContext,
  buffer: GPUBuffer,
  length: number,
  byteOffset = 0,
): Promise<Float32Array> {
  return new Float32Array(await context.staging.read(buffer, length * 4, byteOffset));
}

export async function readU32(
  context: GpuContext,
  buffer: GPUBuffer,
  length: number,
  byteOffset = 0,
): Promise<Uint32Array> {
  return new Uint32Array(await context.staging.read(buffer, length * 4, byteOffset));
}
