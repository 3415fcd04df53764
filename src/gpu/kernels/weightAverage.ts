// Binder of weight_average.wgsl: a running average of some values of a buffer.
import source from '../../../shaders/weight_average.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { packUniform } from '../device/buffers';
import { defineKernel } from '../device/defineKernel';
import { gridPart } from './parts';

export const WEIGHT_AVERAGE_LAYOUT = {
  values: 'read',
  averages: 'write',
  span: 'uniform',
} as const satisfies BindingLayout;

export const weightAverage = defineKernel({
  label: 'weight_average',
  source,
  parts: [gridPart],
  overrides: [],
  layout: WEIGHT_AVERAGE_LAYOUT,
});

/** first, count: words of `values` that are averaged; rate: 1 − β. */
export function averageSpan(o: { first: number; count: number; rate: number }): Uint32Array {
  const packed = packUniform([
    ['u32', o.first],
    ['u32', o.count],
    ['f32', o.rate],
  ]);
  return new Uint32Array(packed);
}

/** Workgroups: a thread per value. */
export function averageGrid(count: number): number {
  return Math.ceil(count / 64);
}
