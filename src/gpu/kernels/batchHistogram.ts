// Binder of batch_histogram.wgsl: one digit of the selection over a whole batch.
import source from '../../../shaders/batch_histogram.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { lanes, variantOf } from './lanes';
import { floatKeyPart } from './parts';

export const BATCH_HISTOGRAM_LAYOUT = {
  elements: 'read',
  guide: 'read',
  state: 'read',
  bins: 'write',
  chunk: 'uniform',
} as const satisfies BindingLayout;

/** Where the elements lie; the numbers are the shader's SOURCE. */
export const BATCH_SOURCES = { groups: 0, rows: 1, list: 2 } as const;
export type BatchSource = keyof typeof BATCH_SOURCES;

export function sourcePrelude(from: BatchSource): string {
  return `const SOURCE: u32 = ${BATCH_SOURCES[from]}u;\n`;
}

const gpu = (from: BatchSource) => `${lanes(64)}${sourcePrelude(from)}const LOCAL: bool = true;`;
const software = (from: BatchSource) =>
  `${lanes(8)}${sourcePrelude(from)}const LOCAL: bool = false;`;

export const batchHistogram = defineKernel({
  label: 'batch_histogram',
  source,
  parts: [floatKeyPart],
  overrides: ['digit', 'n', 'n_stride', 'group_width', 'acts_at'],
  layout: BATCH_HISTOGRAM_LAYOUT,
  variants: {
    'gpu, groups': gpu('groups'),
    'gpu, rows': gpu('rows'),
    'gpu, list': gpu('list'),
    'software, groups': software('groups'),
    'software, rows': software('rows'),
    'software, list': software('list'),
  },
  example: { digit: 1, n: 130, n_stride: 192, group_width: 16, acts_at: 64 },
});

/** Words of `bins`. */
export const BATCH_BINS = 2048;

/** Dispatch any number of workgroups in one dimension: they take rows in turn. */
export function prepareBatchHistogram(
  context: GpuContext,
  from: BatchSource,
  overrides: Record<'digit' | 'n' | 'n_stride' | 'group_width' | 'acts_at', number>,
): Promise<PreparedKernel<typeof BATCH_HISTOGRAM_LAYOUT>> {
  return batchHistogram.prepare(context, {
    overrides,
    variant: `${variantOf(context)}, ${from}`,
  });
}

/** Workgroups that share the rows: each has a histogram of its own to merge. */
export function histogramGrid(rows: number): readonly [number, number, number] {
  return [Math.min(rows, 256), 1, 1];
}
