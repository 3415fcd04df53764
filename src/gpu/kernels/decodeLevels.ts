// Binder of decode_levels.wgsl: errors, losses and gradients of every level of each row.
import source from '../../../shaders/decode_levels.wgsl?raw';
import type { CodeLayout } from '../sae/batchCode';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { LEVELS } from './batchEmit';
import { gridPart, laneSumsPart, trainerStepPart } from './parts';
import { TRAINER_STEP } from './trainerStep';

export const DECODE_LEVELS_LAYOUT = {
  code: 'read',
  W_dec: 'read',
  xc: 'read',
  b_dec: 'read',
  gradient: 'write',
  preActGrad: 'write',
  rowStats: 'write',
  levels: LEVELS,
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const decodeLevels = defineKernel({
  label: 'decode_levels',
  source,
  parts: [gridPart, laneSumsPart, trainerStepPart],
  overrides: ['rows', 'd4', 'subtract_b_dec', 'indices_at', 'acts_at', 'rows_at'],
  layout: DECODE_LEVELS_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ rows }) => rows },
  variants: { whole: { SHARDED: false }, sharded: { SHARDED: true } },
});

export function prepareDecodeLevels(
  context: GpuContext,
  plan: TrainerPlan,
  code: CodeLayout,
): Promise<PreparedKernel<typeof DECODE_LEVELS_LAYOUT>> {
  return decodeLevels.prepare(context, {
    overrides: {
      rows: plan.rows,
      d4: plan.d4,
      subtract_b_dec: plan.config.applyBDecToInput ? 0 : 1,
      indices_at: code.indicesAt,
      acts_at: code.actsAt,
      rows_at: code.rowsAt,
    },
    variant: plan.forward.shards.length > 1 ? 'sharded' : 'whole',
  });
}
