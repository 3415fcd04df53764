// Binder of dense_matmul.wgsl and its twin for software adapters: A·B and Aᵀ·B of f32 matrices.
import registersSource from '../../../shaders/dense_matmul_registers.wgsl?raw';
import tiledSource from '../../../shaders/dense_matmul.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { uniformStruct } from '../device/uniformStruct';

/** m: rows of out; k: length of the sums; accumulate: 1 to add to out instead of replacing it. */
export const MATMUL_DIMS = uniformStruct({ m: 'u32', k: 'u32', accumulate: 'u32' });

export const DENSE_MATMUL_LAYOUT = {
  A: 'read',
  B: 'read',
  out: 'write',
  dims: MATMUL_DIMS,
} as const satisfies BindingLayout;

export const denseMatmul = defineKernel({
  label: 'dense_matmul',
  source: tiledSource,
  overrides: ['a4', 'b4'],
  layout: DENSE_MATMUL_LAYOUT,
  lanes: 128,
  grid: {
    counts: ['m'],
    workgroups: ({ m, b4, TILE }) => [Math.ceil((4 * b4) / TILE), Math.ceil(m / TILE), 1],
  },
  variants: { nn: { TRANSPOSE_A: false, TILE: 64 }, tn: { TRANSPOSE_A: true, TILE: 64 } },
});

export const denseMatmulRegisters = defineKernel({
  label: 'dense_matmul_registers',
  source: registersSource,
  overrides: ['a4', 'b4'],
  layout: DENSE_MATMUL_LAYOUT,
  lanes: 8,
  // A lane makes 4 rows.
  grid: { counts: ['m'], workgroups: ({ m, b4, LANES }) => [b4, Math.ceil(m / (4 * LANES)), 1] },
  variants: { nn: { TRANSPOSE_A: false }, tn: { TRANSPOSE_A: true } },
});

/** a4, b4: row strides of A and B in vec4; out has b4. Chooses by `context.isSoftware`. */
export function prepareMatmul(
  context: GpuContext,
  { variant, a4, b4 }: { variant: 'nn' | 'tn'; a4: number; b4: number },
): Promise<PreparedKernel<typeof DENSE_MATMUL_LAYOUT, 'm'>> {
  const kernel = context.isSoftware ? denseMatmulRegisters : denseMatmul;
  return kernel.prepare(context, { overrides: { a4, b4 }, variant });
}
