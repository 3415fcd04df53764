// Binder of batch_count.wgsl: each row's elements above and at the batch's key.
import source from '../../../shaders/batch_count.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { sourcePrelude } from './batchHistogram';
import { lanes, variantOf } from './lanes';
import { floatKeyPart, gridPart, laneCountsPart } from './parts';

export const BATCH_COUNT_LAYOUT = {
  elements: 'read',
  guide: 'read',
  state: 'read',
  rowCounts: 'write',
  chunk: 'uniform',
} as const satisfies BindingLayout;

export const batchCount = defineKernel({
  label: 'batch_count',
  source,
  parts: [floatKeyPart, gridPart, laneCountsPart],
  overrides: ['n_stride', 'group_width', 'acts_at'],
  layout: BATCH_COUNT_LAYOUT,
  variants: {
    'gpu, rows': lanes(64) + sourcePrelude('rows'),
    'gpu, list': lanes(64) + sourcePrelude('list'),
    'software, rows': lanes(8) + sourcePrelude('rows'),
    'software, list': lanes(8) + sourcePrelude('list'),
  },
  example: { n_stride: 192, group_width: 16, acts_at: 64 },
});

/** Dispatch one workgroup per row. */
export function prepareBatchCount(
  context: GpuContext,
  from: 'rows' | 'list',
  overrides: Record<'n_stride' | 'group_width' | 'acts_at', number>,
): Promise<PreparedKernel<typeof BATCH_COUNT_LAYOUT>> {
  return batchCount.prepare(context, { overrides, variant: `${variantOf(context)}, ${from}` });
}
