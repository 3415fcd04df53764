// Binder of dense_latent_gradient.wgsl: finishes the gradients of one latent at a time, before the clip.
import source from '../../../shaders/dense_latent_gradient.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { jumpConstants, type DensePlan } from '../train/densePlan';
import { DENSE_STEP } from './denseStep';
import { LOSS_VARIANTS, withDecoderNorm } from './denseVariants';
import { denseStepPart, gridPart, laneSumsPart } from './parts';

export const DENSE_LATENT_GRADIENT_LAYOUT = {
  totals: 'read',
  vectors: 'read',
  norms: 'read',
  W_dec: 'read',
  gradEnc: 'read',
  metrics: 'read',
  gradDec: 'write',
  latentGradients: 'write',
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseLatentGradient = defineKernel({
  label: 'dense_latent_gradient',
  source,
  parts: [denseStepPart, gridPart, laneSumsPart],
  overrides: ['rows', 'n', 'n4', 'd4', 'bandwidth', 'target_l0'],
  layout: DENSE_LATENT_GRADIENT_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ n }) => n },
  variants: withDecoderNorm(LOSS_VARIANTS),
});

export function prepareDenseLatentGradient(
  context: GpuContext,
  plan: DensePlan,
): Promise<PreparedKernel<typeof DENSE_LATENT_GRADIENT_LAYOUT>> {
  const { bandwidth, target_l0: targetL0 } = jumpConstants(plan);
  return denseLatentGradient.prepare(context, {
    overrides: {
      rows: plan.rows,
      n: plan.d_sae,
      n4: plan.n4,
      d4: plan.d4,
      bandwidth,
      target_l0: targetL0,
    },
    variant: `${plan.variant}, ${plan.decoderNorm} norm`,
  });
}
