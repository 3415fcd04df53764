// Binder of batch_offsets.wgsl: where each row's kept elements go.
import source from '../../../shaders/batch_offsets.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { BATCH_CHUNK } from './chunks';
import { emptySlotPart, laneCountsPart } from './parts';

export const BATCH_OFFSETS_LAYOUT = {
  rowCounts: 'write',
  state: 'read',
  code: 'write',
  chunk: BATCH_CHUNK,
} as const satisfies BindingLayout;

export const batchOffsets = defineKernel({
  label: 'batch_offsets',
  source,
  parts: [emptySlotPart, laneCountsPart],
  overrides: ['kept', 'indices_at'],
  layout: BATCH_OFFSETS_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
});

export function prepareBatchOffsets(
  context: GpuContext,
  overrides: Record<'kept' | 'indices_at', number>,
): Promise<PreparedKernel<typeof BATCH_OFFSETS_LAYOUT>> {
  return batchOffsets.prepare(context, { overrides });
}
