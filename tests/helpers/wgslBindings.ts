// Reads a shader's bindings back with wgsl_reflect and compares them with the declared layout.
// The package's own main file is CommonJS marked as a module and cannot be loaded.
import { ResourceType, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { AnyKernel } from '../../src/gpu/device/defineKernel';

export type ReflectedBinding = { name: string; access: string };

/** Storage and uniform bindings of group 0, by index. Throws on any other group or resource kind. */
export function reflectBindings(code: string): ReflectedBinding[] {
  const reflection = new WgslReflect(code);
  const found: ReflectedBinding[] = [];
  for (const group of reflection.getBindGroups()) {
    for (const variable of group) {
      if (variable.group !== 0) throw new Error(`${variable.name} is in group ${variable.group}`);
      const isUniform = variable.resourceType === ResourceType.Uniform;
      found[variable.binding] = {
        name: variable.name,
        access: isUniform ? 'uniform' : variable.access,
      };
    }
  }
  return found;
}

/** The same list as the layout promises it. */
export function declaredBindings(kernel: AnyKernel): ReflectedBinding[] {
  const access = {
    read: 'read',
    write: 'read_write',
    uniform: 'uniform',
    'uniform-dynamic': 'uniform',
  };
  return Object.entries(kernel.layout).map(([name, kind]) => ({ name, access: access[kind] }));
}
