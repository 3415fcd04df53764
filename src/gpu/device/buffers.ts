// GPU buffers with an owner. Whoever creates a set disposes it; the context disposes what is left.
import { ConfigError, invariant } from '../../core/errors';
import type { GpuContext } from './device';

export type BufferData = Float32Array | Uint32Array;

export type BufferSet = {
  /** Storage buffer (zeroed, or holding `data`), labelled `owner.label`; copyable both ways. Throws
   *  ConfigError above the device's largest buffer. */
  storage: (label: string, content: number | BufferData, extraUsage?: number) => GPUBuffer;
  uniform: (label: string, content: number | BufferData) => GPUBuffer;
  /** Destroys one buffer early, e.g. before a larger one takes its place. */
  release: (buffer: GPUBuffer) => void;
  /** bytes alive in this set */
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

/** Queue-ordered upload: seen by every later submit, by none before. */
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

/** Offsets of dynamic uniforms are multiples of this on every device. */
const UNIFORM_SLOT_BYTES = 256;

/** A uniform buffer of `slots` structs for a 'uniform-dynamic' binding: many steps, one bind group. */
export type UniformSlots = {
  /** bind this */
  binding: { buffer: GPUBuffer; offset: 0; size: number };
  write: (slot: number, data: ArrayBuffer) => void;
  /** dynamic offset of a slot */
  offset: (slot: number) => number;
};

export function createUniformSlots(
  context: GpuContext,
  set: BufferSet,
  o: { label: string; structBytes: number; slots: number },
): UniformSlots {
  invariant(
    o.structBytes <= UNIFORM_SLOT_BYTES && o.structBytes % 16 === 0,
    `${o.label}: ${o.structBytes}-byte struct in ${UNIFORM_SLOT_BYTES}-byte slots`,
  );
  const buffer = set.uniform(o.label, o.slots * UNIFORM_SLOT_BYTES);
  const offset = (slot: number) => {
    invariant(slot >= 0 && slot < o.slots, `${o.label}: slot ${slot} of ${o.slots}`);
    return slot * UNIFORM_SLOT_BYTES;
  };
  return {
    binding: { buffer, offset: 0, size: o.structBytes },
    offset,
    write: (slot, data) => {
      context.device.queue.writeBuffer(buffer, offset(slot), data);
    },
  };
}

/** Packs a WGSL struct of 4-byte scalars; the size is padded to 16 bytes as uniform structs may be. */
export function packUniform(fields: readonly (readonly ['u32' | 'f32', number])[]): ArrayBuffer {
  const bytes = new ArrayBuffer(Math.ceil(fields.length / 4) * 16);
  const view = new DataView(bytes);
  fields.forEach(([type, value], i) => {
    if (type === 'u32') view.setUint32(i * 4, value, true);
    else view.setFloat32(i * 4, value, true);
  });
  return bytes;
}
