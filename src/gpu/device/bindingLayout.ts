// Names and access of a kernel's bindings, declared once: key order is the binding index in group 0.
import type { GpuContext } from './device';
import type { UniformStruct } from './uniformStruct';

/** 'write' is read_write storage; a struct is a uniform that holds it. */
type BindingAccess = 'read' | 'write' | UniformStruct;
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
    default:
      return { type: 'uniform', minBindingSize: access.byteLength };
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
