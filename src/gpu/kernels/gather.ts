// Binder of gather.wgsl: rows of the ring (training) or of a residual stream (inference), centred, as the
// f32 matrix that encode reads.
import source from '../../../shaders/gather.wgsl?raw';
import { packUniform } from '../device/buffers';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { gridPart } from './parts';

export const GATHER_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  b_dec: 'read',
  xc: 'write',
  step: 'uniform-dynamic',
} as const satisfies BindingLayout;

export const gather = defineKernel({
  label: 'gather',
  source,
  parts: [gridPart],
  overrides: ['d', 'centre'],
  layout: GATHER_LAYOUT,
  variants: {
    ring: 'const FROM_RING: bool = true;',
    rows: 'const FROM_RING: bool = false;',
  },
});

/** Bytes of the step struct, for `createUniformSlots`. */
export const GATHER_STEP_BYTES = 16;

/** rows: rows written; first: where they start in rowIndices; scale: factor of f32 sources (the ring
 *  holds scaled values already). */
export function gatherStep(o: { rows: number; first?: number; scale?: number }): ArrayBuffer {
  return packUniform([
    ['f32', o.scale ?? 1],
    ['u32', o.first ?? 0],
    ['u32', o.rows],
  ]);
}

/** Workgroups for `rows` rows of width d_in. */
export function gatherGrid(rows: number, d_in: number): number {
  return Math.ceil((rows * Math.ceil(d_in / 4)) / 64);
}

export function prepareGather(
  context: GpuContext,
  o: { from: 'ring' | 'rows'; d_in: number; applyBDecToInput: boolean },
): Promise<PreparedKernel<typeof GATHER_LAYOUT>> {
  return gather.prepare(context, {
    overrides: { d: o.d_in, centre: o.applyBDecToInput ? 1 : 0 },
    variant: o.from,
  });
}
