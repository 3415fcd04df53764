// Opaque names for GPU objects, so that a device made by `gpu` can be handed to `model` by `engine`
// without either knowing the other. Only the folder that made a handle looks inside it.

export type DeviceHandle = { readonly __brand: 'DeviceHandle' };
export type GpuBufferHandle = { readonly __brand: 'GpuBufferHandle' };

/** A dense row-major f32 matrix [rows, cols] in CPU memory. */
export type CpuMatrix = { where: 'cpu'; rows: number; cols: number; data: Float32Array };

/** The same in a GPU buffer, from byte 0. The buffer may be longer than rows · cols · 4 bytes. */
export type GpuMatrix = { where: 'gpu'; rows: number; cols: number; buffer: GpuBufferHandle };

export type Matrix = CpuMatrix | GpuMatrix;
