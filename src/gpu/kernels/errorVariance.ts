// Binder of error_variance.wgsl: the batch variance of the SAE error, AuxK's denominator.
import source from '../../../shaders/error_variance.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { laneSumsPart, trainerStepPart } from './parts';
import { TRAINER_STEP } from './trainerStep';

export const ERROR_VARIANCE_LAYOUT = {
  columnMoments: 'read',
  errorVariance: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const errorVariance = defineKernel({
  label: 'error_variance',
  source,
  parts: [laneSumsPart, trainerStepPart],
  overrides: ['rows', 'd4', 'part_rows'],
  layout: ERROR_VARIANCE_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: ONE_WORKGROUP,
});

export function prepareErrorVariance(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof ERROR_VARIANCE_LAYOUT>> {
  return errorVariance.prepare(context, {
    overrides: { rows: plan.rows, d4: plan.d4, part_rows: plan.partRows },
  });
}
