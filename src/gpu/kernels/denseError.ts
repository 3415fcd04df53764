// Binder of dense_error.wgsl: from acts·W_dec to the gradient at the reconstruction, all rows at once.
import source from '../../../shaders/dense_error.wgsl?raw';
import type { BindingLayout } from '../bindingLayout';
import { defineKernel, type PreparedKernel } from '../defineKernel';
import type { GpuContext } from '../device';
import type { DensePlan } from '../densePlan';

export const DENSE_ERROR_LAYOUT = {
  xc: 'read',
  b_dec: 'read',
  gradient: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const denseError = defineKernel({
  label: 'dense_error',
  source,
  overrides: ['rows', 'd4', 'centred'],
  layout: DENSE_ERROR_LAYOUT,
});

export function prepareDenseError(
  context: GpuContext,
  { rows, d4, applyBDecToInput }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_ERROR_LAYOUT>> {
  return denseError.prepare(context, {
    overrides: { rows, d4, centred: applyBDecToInput ? 1 : 0 },
  });
}

/** Workgroups: a thread per vec4. */
export function denseErrorGrid({ rows, d4 }: DensePlan): number {
  return Math.ceil((rows * d4) / 64);
}
