// Binder of dense_matmul.wgsl and its twin for software adapters: A·B and Aᵀ·B of f32 matrices.
import registersSource from '../../../shaders/dense_matmul_registers.wgsl?raw';
import tiledSource from '../../../shaders/dense_matmul.wgsl?raw';
import { packUniform } from '../device/buffers';
import type { BindingLayout, BindingSource } from '../device/bindingLayout';
import { defineKernel, type Grid } from '../device/defineKernel';
import type { GpuContext } from '../device/device';

export const DENSE_MATMUL_LAYOUT = {
  A: 'read',
  B: 'read',
  out: 'write',
  dims: 'uniform',
} as const satisfies BindingLayout;

const VARIANTS = {
  nn: 'const TRANSPOSE_A: bool = false;\n',
  tn: 'const TRANSPOSE_A: bool = true;\n',
};

export const denseMatmul = defineKernel({
  label: 'dense_matmul',
  source: tiledSource,
  overrides: ['a4', 'b4'],
  layout: DENSE_MATMUL_LAYOUT,
  variants: VARIANTS,
});

export const denseMatmulRegisters = defineKernel({
  label: 'dense_matmul_registers',
  source: registersSource,
  overrides: ['a4', 'b4'],
  layout: DENSE_MATMUL_LAYOUT,
  variants: VARIANTS,
});

/** m: rows of out; k: length of the sums; accumulate: add to out instead of replacing it. */
export type MatmulDims = { m: number; k: number; accumulate: boolean };

export function matmulDims({ m, k, accumulate }: MatmulDims): Uint32Array {
  return new Uint32Array(
    packUniform([
      ['u32', m],
      ['u32', k],
      ['u32', accumulate ? 1 : 0],
    ]),
  );
}

export type Matmul = {
  /** `dims` must hold what `o` says; records one product. */
  bind: (
    bindings: Readonly<Record<keyof typeof DENSE_MATMUL_LAYOUT, BindingSource>>,
    o: Pick<MatmulDims, 'm'>,
  ) => (pass: GPUComputePassEncoder) => void;
};

/** a4, b4: row strides of A and B in vec4; out has b4. Chooses by `context.isSoftware`. */
export async function prepareMatmul(
  context: GpuContext,
  o: { variant: 'nn' | 'tn'; a4: number; b4: number },
): Promise<Matmul> {
  const { variant, a4, b4 } = o;
  const software = context.isSoftware;
  const kernel = await (software ? denseMatmulRegisters : denseMatmul).prepare(context, {
    overrides: { a4, b4 },
    variant,
  });
  const grid = (m: number): Grid =>
    software ? [b4, Math.ceil(m / 32), 1] : [Math.ceil(b4 / 16), Math.ceil(m / 64), 1];
  return {
    bind: (bindings, { m }) => {
      const bound = kernel.bind(bindings);
      return (pass) => {
        bound.encode(pass, grid(m));
      };
    },
  };
}
