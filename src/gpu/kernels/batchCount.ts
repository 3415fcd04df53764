// Binder of batch_count.wgsl: each row's elements above and at the batch's key.
import source from '../../../shaders/batch_count.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { BATCH_SOURCES } from './batchHistogram';
import { BATCH_CHUNK } from './chunks';
import { floatKeyPart, gridPart, laneCountsPart } from './parts';

export const BATCH_COUNT_LAYOUT = {
  elements: 'read',
  guide: 'read',
  state: 'read',
  rowCounts: 'write',
  chunk: BATCH_CHUNK,
} as const satisfies BindingLayout;

export const batchCount = defineKernel({
  label: 'batch_count',
  source,
  parts: [floatKeyPart, gridPart, laneCountsPart],
  overrides: ['n_stride', 'group_width', 'acts_at'],
  layout: BATCH_COUNT_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  variants: { rows: BATCH_SOURCES.rows, list: BATCH_SOURCES.list },
  example: { n_stride: 192, group_width: 16, acts_at: 64 },
});

export function prepareBatchCount(
  context: GpuContext,
  from: 'rows' | 'list',
  overrides: Record<'n_stride' | 'group_width' | 'acts_at', number>,
): Promise<PreparedKernel<typeof BATCH_COUNT_LAYOUT, 'rows'>> {
  return batchCount.prepare(context, { overrides, variant: from });
}
