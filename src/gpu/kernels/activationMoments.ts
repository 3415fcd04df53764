// Binder of activation_moments.wgsl: per-dimension moments and row norms of a residual stream.
import source from '../../../shaders/activation_moments.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';

export const ACTIVATION_MOMENTS_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  moments: 'write',
  norms: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const activationMoments = defineKernel({
  label: 'activation_moments',
  source,
  overrides: ['d'],
  layout: ACTIVATION_MOMENTS_LAYOUT,
});

/** Rows merged on the GPU in f32; CHUNK in the shader. */
export const MOMENTS_CHUNK = 256;

export function momentsGrid(count: number, d: number): readonly [number, number, number] {
  return [Math.ceil(count / MOMENTS_CHUNK), Math.ceil(d / 64) + 1, 1];
}
