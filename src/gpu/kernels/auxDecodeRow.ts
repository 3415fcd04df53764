// Binder of aux_decode_row.wgsl: AuxK's loss and gradient per row. Dispatched indirectly from `dead`.
import source from '../../../shaders/aux_decode_row.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { errorRow, type TrainerPlan } from '../train/trainerPlan';
import { lanes } from './lanes';
import { rowVariant } from './rowVariant';

export const AUX_DECODE_ROW_LAYOUT = {
  auxIndices: 'read',
  auxActs: 'read',
  W_dec: 'read',
  errorVariance: 'read',
  gradient: 'write',
  auxPreActGrad: 'write',
  auxRowStats: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const auxDecodeRow = defineKernel({
  label: 'aux_decode_row',
  source,
  overrides: ['rows', 'd4', 'k_aux', 'error_row', 'aux_row'],
  layout: AUX_DECODE_ROW_LAYOUT,
  variants: {
    gpu: `${lanes(64)}const PARTS: u32 = 8u;`,
    software: `${lanes(8)}const PARTS: u32 = 1u;`,
    'gpu, few parts': `${lanes(64)}const PARTS: u32 = 1u;`,
  },
  example: { rows: 33, d4: 20, k_aux: 24, error_row: 0, aux_row: 33 },
});

export function prepareAuxDecodeRow(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof AUX_DECODE_ROW_LAYOUT>> {
  return auxDecodeRow.prepare(context, {
    overrides: {
      rows: plan.rows,
      d4: plan.d4,
      k_aux: plan.k_aux,
      error_row: errorRow(plan),
      aux_row: plan.levels * plan.rows,
    },
    variant: rowVariant(context, plan.dStride, plan.k_aux),
  });
}
