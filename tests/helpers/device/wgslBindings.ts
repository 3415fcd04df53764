// Reads a shader's bindings back with wgsl_reflect, and what the layout promises in the same form.
// The package's own main file is CommonJS marked as a module and cannot be loaded.
import {
  ArrayInfo,
  ResourceType,
  StructInfo,
  WgslReflect,
  type TypeInfo,
} from 'wgsl_reflect/wgsl_reflect.module.js';
import type { AnyKernel } from '../../../src/gpu/device/defineKernel';
import type { UniformStruct } from '../../../src/gpu/device/uniformStruct';

/** A uniform struct's fields as [name, byte offset, type]; bytes: its size. */
type ReflectedStruct = { bytes: number; fields: [name: string, offset: number, type: unknown][] };
export type ReflectedBinding = { name: string; access: 'read' | 'read_write' | ReflectedStruct };

/** Storage and uniform bindings of group 0, by index. Throws on any other group or resource kind. */
export function reflectBindings(code: string): ReflectedBinding[] {
  const reflection = new WgslReflect(code);
  const found: ReflectedBinding[] = [];
  for (const group of reflection.getBindGroups()) {
    for (const { name, type, group: index, binding, resourceType, access } of group) {
      if (index !== 0) throw new Error(`${name} is in group ${index}`);
      found[binding] = {
        name,
        access: resourceType === ResourceType.Uniform ? struct(type) : accessOf(access),
      };
    }
  }
  return found;
}

function accessOf(access: string): 'read' | 'read_write' {
  if (access === 'read' || access === 'read_write') return access;
  throw new Error(`storage access ${access}`);
}

function struct(type: TypeInfo): ReflectedStruct {
  if (!(type instanceof StructInfo)) throw new Error(`uniform of type ${type.name}`);
  return {
    bytes: type.size,
    fields: type.members.map(({ name, offset, type: of }) => [name, offset, typeName(of)]),
  };
}

function typeName(type: TypeInfo): unknown {
  if (type instanceof ArrayInfo) {
    return { count: type.count, stride: type.stride, of: typeName(type.format) };
  }
  if (type instanceof StructInfo) return struct(type);
  // The package calls vec4<u32> vec4u.
  return type.getTypeName().replace(/^vec4([uf])$/, 'vec4<$132>');
}

/** The same list as the layout promises it. */
export function declaredBindings(kernel: AnyKernel): ReflectedBinding[] {
  return Object.entries(kernel.layout).map(([name, kind]) => ({
    name,
    access: kind === 'read' ? 'read' : kind === 'write' ? 'read_write' : declaredStruct(kind),
  }));
}

function declaredStruct({ byteLength, members }: UniformStruct): ReflectedStruct {
  return {
    bytes: byteLength,
    fields: members.map(({ name, offset, size, element, scalar }) => {
      if (element === undefined) return [name, offset, scalar];
      const { of, stride } = element;
      const type = typeof of === 'string' ? of : { ...declaredStruct(of), bytes: stride };
      return [name, offset, { count: size / stride, stride, of: type }];
    }),
  };
}
