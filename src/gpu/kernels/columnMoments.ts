// Binder of column_moments.wgsl: sums and scatter of the gradient's columns, in parts of rows.
import source from '../../../shaders/column_moments.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { gridPart } from './parts';

export const COLUMN_MOMENTS_LAYOUT = {
  gradient: 'read',
  columnMoments: 'write',
} as const satisfies BindingLayout;

export const columnMoments = defineKernel({
  label: 'column_moments',
  source,
  parts: [gridPart],
  overrides: ['rows', 'd4', 'part_rows', 'first_row'],
  layout: COLUMN_MOMENTS_LAYOUT,
  lanes: 64,
  grid: { threads: (size) => Math.ceil(size.rows / size.part_rows) * size.d4 },
});

export function prepareColumnMoments(
  context: GpuContext,
  plan: Pick<TrainerPlan, 'rows' | 'd4' | 'partRows'>,
  firstRow = 0,
): Promise<PreparedKernel<typeof COLUMN_MOMENTS_LAYOUT>> {
  const { rows, d4, partRows } = plan;
  return columnMoments.prepare(context, {
    overrides: { rows, d4, part_rows: partRows, first_row: firstRow },
  });
}
