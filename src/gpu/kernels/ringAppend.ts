// Binder of ring_append.wgsl: counted rows of a residual stream into the activation ring, as f16.
import source from '../../../shaders/ring_append.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { gridPart } from './parts';

export const RING_APPEND_STEP = uniformStruct({ scale: 'f32', count: 'u32', first_row: 'u32' });

export const RING_APPEND_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  ring: 'write',
  step: RING_APPEND_STEP,
} as const satisfies BindingLayout;

export const ringAppend = defineKernel({
  label: 'ring_append',
  source,
  parts: [gridPart],
  overrides: ['d', 'ring_rows'],
  layout: RING_APPEND_LAYOUT,
  lanes: 64,
  grid: { counts: ['count'], threads: ({ count, d }) => count * Math.ceil(d / 4) },
});

export function ringAppendStep(o: { scale: number; count: number; firstRow: number }): Uint32Array {
  return packUniform(RING_APPEND_STEP, {
    scale: o.scale,
    count: o.count,
    first_row: o.firstRow,
  });
}
