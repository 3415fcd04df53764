// Binder of weight_average.wgsl: a running average of some values of a buffer.
import source from '../../../shaders/weight_average.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { gridPart } from './parts';

const AVERAGE_SPAN = uniformStruct({ first: 'u32', count: 'u32', rate: 'f32' });

export const WEIGHT_AVERAGE_LAYOUT = {
  values: 'read',
  averages: 'write',
  span: AVERAGE_SPAN,
} as const satisfies BindingLayout;

export const weightAverage = defineKernel({
  label: 'weight_average',
  source,
  parts: [gridPart],
  overrides: [],
  layout: WEIGHT_AVERAGE_LAYOUT,
  lanes: 64,
  grid: { counts: ['count'], threads: ({ count }) => count },
});

/** first, count: words of `values` that are averaged; rate: 1 − β. */
export function averageSpan(o: { first: number; count: number; rate: number }): Uint32Array {
  return packUniform(AVERAGE_SPAN, o);
}
