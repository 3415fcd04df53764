// The prelude that sets a kernel's workgroup width: wide on a GPU; on a software adapter one SIMD vector,
// because there a barrier is a context switch between vectors.
import type { GpuContext } from '../device/device';

export function lanes(count: number): string {
  return `const LANES: u32 = ${count}u;\n`;
}

export function variantOf(context: GpuContext): 'gpu' | 'software' {
  return context.isSoftware ? 'software' : 'gpu';
}
