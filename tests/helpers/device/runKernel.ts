// Runs one prepared kernel on plain arrays: a storage or uniform buffer per binding, one dispatch, and
// every written binding read back.
import type { BindingLayout, Bindings } from '../../../src/gpu/device/bindingLayout';
import {
  createBufferSet,
  readF32,
  readU32,
  type BufferData,
} from '../../../src/gpu/device/buffers';
import {
  submitPass,
  type BoundKernel,
  type PreparedKernel,
} from '../../../src/gpu/device/defineKernel';
import type { GpuContext } from '../../../src/gpu/device/device';

export type KernelInputs<L extends BindingLayout> = { readonly [Name in keyof L]: BufferData };
export type KernelOutputs<L extends BindingLayout> = {
  f32: (name: keyof L) => Float32Array;
  u32: (name: keyof L) => Uint32Array;
};

/** @param counts what the kernel's grid asks for, if anything */
export async function runKernel<L extends BindingLayout, C extends string = never>(
  context: GpuContext,
  o: { kernel: PreparedKernel<L, C>; layout: L; inputs: KernelInputs<L> },
  ...counts: Parameters<BoundKernel<C>['dispatch']>
): Promise<KernelOutputs<L>> {
  const set = createBufferSet(context, 'test');
  const names = Object.keys(o.layout) as (keyof L & string)[];
  const buffers = new Map<keyof L, GPUBuffer>();
  for (const name of names) {
    const make = typeof o.layout[name] === 'object' ? set.uniform : set.storage;
    buffers.set(name, make(name, o.inputs[name]));
  }
  const bound = o.kernel.bind(Object.fromEntries(buffers) as Bindings<L>);
  submitPass(context, o.kernel.label, (pass) => {
    bound.encode(pass, ...counts);
  });
  const read = new Map<keyof L, { f32: Float32Array; u32: Uint32Array }>();
  for (const name of names.filter((name) => o.layout[name] === 'write')) {
    const buffer = buffers.get(name)!;
    const { length } = o.inputs[name];
    read.set(name, {
      f32: await readF32(context, buffer, length),
      u32: await readU32(context, buffer, length),
    });
  }
  set.dispose();
  return { f32: (name) => read.get(name)!.f32, u32: (name) => read.get(name)!.u32 };
}
