// Binder of aux_decode_row.wgsl: AuxK's loss and gradient per row. Dispatched indirectly from `dead`.
import source from '../../../shaders/aux_decode_row.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { errorRow, type TrainerPlan } from '../train/trainerPlan';
import { lanes } from './lanes';
import { emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart } from './parts';
import { rowVariant } from './rowVariant';

export const AUX_DECODE_ROW_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  W_dec: 'read',
  errorVariance: 'read',
  gradient: 'write',
  preActGrad: 'write',
  rowStats: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const auxDecodeRow = defineKernel({
  label: 'aux_decode_row',
  source,
  parts: [emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart],
  overrides: ['rows', 'd4', 'k', 'error_row', 'aux_row'],
  layout: AUX_DECODE_ROW_LAYOUT,
  variants: {
    gpu: `${lanes(64)}const PARTS: u32 = 8u;`,
    software: `${lanes(8)}const PARTS: u32 = 1u;`,
    'gpu, few parts': `${lanes(64)}const PARTS: u32 = 1u;`,
  },
  example: { rows: 33, d4: 20, k: 24, error_row: 0, aux_row: 33 },
});

export function prepareAuxDecodeRow(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof AUX_DECODE_ROW_LAYOUT>> {
  return auxDecodeRow.prepare(context, {
    overrides: {
      rows: plan.rows,
      d4: plan.d4,
      k: plan.k_aux,
      error_row: errorRow(plan),
      aux_row: plan.levels * plan.rows,
    },
    variant: rowVariant(context, plan.dStride, plan.k_aux),
  });
}
