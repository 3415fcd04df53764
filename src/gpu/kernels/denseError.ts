// Binder of dense_error.wgsl: from acts·W_dec to the gradient at the reconstruction of a row chunk.
import source from '../../../shaders/dense_error.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { CHUNK } from './chunks';
import { DENSE_STEP } from './denseStep';
import { denseStepPart, gridPart } from './parts';

export const DENSE_ERROR_LAYOUT = {
  xc: 'read',
  b_dec: 'read',
  gradient: 'write',
  chunk: CHUNK,
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseError = defineKernel({
  label: 'dense_error',
  source,
  parts: [denseStepPart, gridPart],
  overrides: ['d4', 'centred'],
  layout: DENSE_ERROR_LAYOUT,
  lanes: 64,
  grid: { counts: ['rows'], threads: ({ rows, d4 }) => rows * d4 },
});

export function prepareDenseError(
  context: GpuContext,
  { d4, applyBDecToInput }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_ERROR_LAYOUT, 'rows'>> {
  return denseError.prepare(context, {
    overrides: { d4, centred: applyBDecToInput ? 1 : 0 },
  });
}
