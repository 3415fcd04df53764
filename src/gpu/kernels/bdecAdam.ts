// Binder of bdec_adam.wgsl: Adam on b_dec.
import source from '../../../shaders/bdec_adam.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { adamPart, bdecGradientPart, gridPart, trainerStepPart } from './parts';
import { adamOverrides, TRAINER_STEP } from './trainerStep';

export const BDEC_ADAM_LAYOUT = {
  columnMoments: 'read',
  encoderPath: 'read',
  decoderBias: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const bdecAdam = defineKernel({
  label: 'bdec_adam',
  source,
  parts: [adamPart, bdecGradientPart, gridPart, trainerStepPart],
  overrides: ['d4', 'row_parts', 'latent_parts', 'centred', 'beta1', 'beta2', 'eps'],
  layout: BDEC_ADAM_LAYOUT,
  lanes: 64,
  grid: { threads: ({ d4 }) => d4 },
  example: { beta1: 0.9, beta2: 0.999, eps: 6.25e-10 },
});

export function prepareBdecAdam(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof BDEC_ADAM_LAYOUT>> {
  return bdecAdam.prepare(context, {
    overrides: {
      d4: plan.d4,
      row_parts: plan.rowParts,
      latent_parts: plan.latentParts,
      centred: plan.config.applyBDecToInput ? 1 : 0,
      ...adamOverrides(plan.config),
    },
  });
}
