// Names of a kernel's bindings and their access, declared once: key order is binding index, group 0.
import type { GpuContext } from './device';

/** 'write' is read_write storage; 'uniform-dynamic' takes its offset at dispatch. */
type BindingAccess = 'read' | 'write' | 'uniform' | 'uniform-dynamic';
export type BindingLayout = Readonly<Record<string, BindingAccess>>;

/** A whole buffer or a range of it; offsets are multiples of 256. */
export type BindingSource = GPUBuffer | { buffer: GPUBuffer; offset?: number; size?: number };
export type Bindings<L extends BindingLayout> = { readonly [Name in keyof L]: BindingSource };

export function createBindGroupLayout(
  device: GPUDevice,
  label: string,
  layout: BindingLayout,
): GPUBindGroupLayout {
  return device.createBindGroupLayout({
    label,
    entries: Object.values(layout).map((access, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: bufferBinding(access),
    })),
  });
}

function bufferBinding(access: BindingAccess): GPUBufferBindingLayout {
  switch (access) {
    case 'read':
      return { type: 'read-only-storage' };
    case 'write':
      return { type: 'storage' };
    case 'uniform':
      return { type: 'uniform' };
    case 'uniform-dynamic':
      return { type: 'uniform', hasDynamicOffset: true };
  }
}

export function createBindGroup<L extends BindingLayout>(
  context: GpuContext,
  o: { label: string; layout: L; groupLayout: GPUBindGroupLayout; bindings: Bindings<L> },
): GPUBindGroup {
  return context.device.createBindGroup({
    label: o.label,
    layout: o.groupLayout,
    entries: Object.keys(o.layout).map((name, binding) => ({
      binding,
      resource: asResource(o.bindings[name as keyof L]),
    })),
  });
}

function asResource(source: BindingSource): GPUBufferBinding {
  return 'buffer' in source ? source : { buffer: source };
}
