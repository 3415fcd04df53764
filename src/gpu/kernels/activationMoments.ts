// Binder of activation_moments.wgsl: per-dimension moments and row norms of a residual stream.
import source from '../../../shaders/activation_moments.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { uniformStruct } from '../device/uniformStruct';

/** Rows merged on the GPU in f32; CHUNK in the shader. */
export const MOMENTS_CHUNK = 256;

export const MOMENTS_STEP = uniformStruct({ count: 'u32' });

export const ACTIVATION_MOMENTS_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  moments: 'write',
  norms: 'write',
  step: MOMENTS_STEP,
} as const satisfies BindingLayout;

export const activationMoments = defineKernel({
  label: 'activation_moments',
  source,
  overrides: ['d'],
  layout: ACTIVATION_MOMENTS_LAYOUT,
  lanes: 64,
  // Chunks × blocks of columns, and one more block for the norms.
  grid: {
    counts: ['count'],
    workgroups: ({ count, d, LANES }) => [
      Math.ceil(count / MOMENTS_CHUNK),
      Math.ceil(d / LANES) + 1,
      1,
    ],
  },
});
