// Binder of decode_row.wgsl: each row's SAE error, loss and gradient from its sparse code.
import source from '../../../shaders/decode_row.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart } from './parts';
import { slotParts, SLOT_PARTS } from './rowVariant';
import { TRAINER_STEP } from './trainerStep';

export const DECODE_ROW_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  W_dec: 'read',
  targets: 'read',
  b_dec: 'read',
  gradient: 'write',
  preActGrad: 'write',
  rowStats: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const decodeRow = defineKernel({
  label: 'decode_row',
  source,
  parts: [emptySlotPart, gridPart, laneSumsPart, rowCodePart, trainerStepPart],
  overrides: ['rows', 'd4', 'k', 'subtract_b_dec'],
  layout: DECODE_ROW_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ rows }) => rows },
  variants: SLOT_PARTS,
  example: { rows: 33, d4: 20, k: 5, subtract_b_dec: 0 },
});

export function prepareDecodeRow(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof DECODE_ROW_LAYOUT>> {
  const { rows, d4 } = plan;
  const k = plan.mainSlots / rows;
  return decodeRow.prepare(context, {
    overrides: { rows, d4, k, subtract_b_dec: plan.config.applyBDecToInput ? 0 : 1 },
    variant: slotParts(context, plan, k),
  });
}
