// Binder of aux_decode_row.wgsl: AuxK's loss and gradient per row. Dispatched indirectly from `dead`.
import source from '../../../shaders/aux_decode_row.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { errorRow, type TrainerPlan } from '../train/trainerPlan';
import { emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart } from './parts';
import { slotParts, SLOT_PARTS } from './rowVariant';
import { TRAINER_STEP } from './trainerStep';

export const AUX_DECODE_ROW_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  W_dec: 'read',
  errorVariance: 'read',
  gradient: 'write',
  preActGrad: 'write',
  rowStats: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const auxDecodeRow = defineKernel({
  label: 'aux_decode_row',
  source,
  parts: [emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart],
  overrides: ['rows', 'd4', 'k', 'error_row', 'aux_row'],
  layout: AUX_DECODE_ROW_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ rows }) => rows },
  variants: SLOT_PARTS,
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
    variant: slotParts(context, plan, plan.k_aux),
  });
}
