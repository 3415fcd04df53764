// Binder of gather.wgsl: rows of the ring (training) or of a residual stream (inference), centred, as the
// f32 matrix that encode reads.
import source from '../../../shaders/gather.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { gridPart } from './parts';

export const GATHER_STEP = uniformStruct({ scale: 'f32', first: 'u32', rows: 'u32' });

export const GATHER_LAYOUT = {
  source: 'read',
  rowIndices: 'read',
  b_dec: 'read',
  xc: 'write',
  step: GATHER_STEP,
} as const satisfies BindingLayout;

export const gather = defineKernel({
  label: 'gather',
  source,
  parts: [gridPart],
  overrides: ['d', 'centre'],
  layout: GATHER_LAYOUT,
  lanes: 64,
  grid: { counts: ['rows'], threads: ({ rows, d }) => rows * Math.ceil(d / 4) },
  variants: { ring: { FROM_RING: true }, rows: { FROM_RING: false } },
});

/** rows: rows written; first: where they start in rowIndices; scale: factor of f32 sources (the ring
 *  holds scaled values already). */
export function gatherStep(o: { rows: number; first?: number; scale?: number }): Uint32Array {
  return packUniform(GATHER_STEP, {
    scale: o.scale ?? 1,
    first: o.first ?? 0,
    rows: o.rows,
  });
}

export function prepareGather(
  context: GpuContext,
  o: { from: 'ring' | 'rows'; d_in: number; applyBDecToInput: boolean },
): Promise<PreparedKernel<typeof GATHER_LAYOUT, 'rows'>> {
  return gather.prepare(context, {
    overrides: { d: o.d_in, centre: o.applyBDecToInput ? 1 : 0 },
    variant: o.from,
  });
}
