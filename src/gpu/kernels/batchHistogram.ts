// Binder of batch_histogram.wgsl: one digit of the selection over a whole batch.
import source from '../../../shaders/batch_histogram.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { BATCH_CHUNK } from './chunks';
import { floatKeyPart } from './parts';

export const BATCH_HISTOGRAM_LAYOUT = {
  elements: 'read',
  guide: 'read',
  state: 'read',
  bins: 'write',
  chunk: BATCH_CHUNK,
} as const satisfies BindingLayout;

/** Where the elements lie. */
export const BATCH_SOURCES = {
  groups: { SOURCE: 0 },
  rows: { SOURCE: 1 },
  list: { SOURCE: 2 },
} as const;
export type BatchSource = keyof typeof BATCH_SOURCES;

export const batchHistogram = defineKernel({
  label: 'batch_histogram',
  source,
  parts: [floatKeyPart],
  overrides: ['digit', 'n', 'n_stride', 'group_width', 'acts_at'],
  layout: BATCH_HISTOGRAM_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  // Workgroups take rows in turn: each has a histogram of its own to merge.
  grid: { counts: ['rows'], workgroups: ({ rows }) => [Math.min(rows, 256), 1, 1] },
  variants: BATCH_SOURCES,
  example: { digit: 1, n: 130, n_stride: 192, group_width: 16, acts_at: 64 },
});

/** Words of `bins`. */
export const BATCH_BINS = 2048;

export function prepareBatchHistogram(
  context: GpuContext,
  from: BatchSource,
  overrides: Record<'digit' | 'n' | 'n_stride' | 'group_width' | 'acts_at', number>,
): Promise<PreparedKernel<typeof BATCH_HISTOGRAM_LAYOUT, 'rows'>> {
  return batchHistogram.prepare(context, {
    overrides,
    variant: from,
  });
}
