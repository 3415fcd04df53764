// Binder of ring_append.wgsl: counted rows of a residual stream into the activation ring, as f16.
import source from '../../../shaders/ring_append.wgsl?raw';
import { packUniform } from '../device/buffers';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { gridPart } from './parts';

export const RING_APPEND_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  ring: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const ringAppend = defineKernel({
  label: 'ring_append',
  source,
  parts: [gridPart],
  overrides: ['d', 'ring_rows'],
  layout: RING_APPEND_LAYOUT,
});

/** Dispatch Math.ceil(count · dStride / 4 / 64) workgroups. */
export function ringAppendStep(o: { scale: number; count: number; firstRow: number }): ArrayBuffer {
  return packUniform([
    ['f32', o.scale],
    ['u32', o.count],
    ['u32', o.firstRow],
  ]);
}
