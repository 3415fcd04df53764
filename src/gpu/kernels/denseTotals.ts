// Binder of dense_totals.wgsl: column sums of a batch from those of its parts.
import source from '../../../shaders/dense_totals.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { gridPart } from './parts';

export const DENSE_TOTALS_LAYOUT = {
  columnParts: 'read',
  totals: 'write',
} as const satisfies BindingLayout;

export const denseTotals = defineKernel({
  label: 'dense_totals',
  source,
  parts: [gridPart],
  overrides: ['parts', 'slots', 'n4'],
  layout: DENSE_TOTALS_LAYOUT,
  lanes: 64,
  grid: { threads: ({ slots, n4 }) => slots * n4 },
});

export function prepareDenseTotals(
  context: GpuContext,
  { chunkParts, slots, n4 }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_TOTALS_LAYOUT>> {
  return denseTotals.prepare(context, { overrides: { parts: chunkParts, slots, n4 } });
}
