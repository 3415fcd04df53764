// Binder of dense_bdec_adam.wgsl: the clip by global norm, and Adam on b_dec.
import source from '../../../shaders/dense_bdec_adam.wgsl?raw';
import { CLIP_EPS } from '../../core/train/denseLoss';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { DENSE_STEP } from './denseStep';
import { adamPart, bdecGradientPart, denseStepPart, laneSumsPart } from './parts';

export const DENSE_BDEC_ADAM_LAYOUT = {
  columnMoments: 'read',
  encoderPath: 'read',
  latentGradients: 'write',
  decoderBias: 'write',
  metrics: 'write',
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseBdecAdam = defineKernel({
  label: 'dense_bdec_adam',
  source,
  parts: [adamPart, bdecGradientPart, denseStepPart, laneSumsPart],
  overrides: [
    'n',
    'norms_at',
    'd4',
    'row_parts',
    'latent_parts',
    'centred',
    'beta1',
    'beta2',
    'eps',
    'clip_norm',
    'clip_eps',
  ],
  layout: DENSE_BDEC_ADAM_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
  example: { beta1: 0.9, beta2: 0.999, eps: 1e-8, clip_norm: 1, clip_eps: 1e-6 },
});

/** Run it before dense_update. */
export function prepareDenseBdecAdam(
  context: GpuContext,
  plan: DensePlan,
): Promise<PreparedKernel<typeof DENSE_BDEC_ADAM_LAYOUT>> {
  const { d_sae, normsAt, d4, rowParts, latentParts, beta1, beta2, eps } = plan;
  return denseBdecAdam.prepare(context, {
    overrides: {
      n: d_sae,
      norms_at: normsAt,
      d4,
      row_parts: rowParts,
      latent_parts: latentParts,
      centred: plan.applyBDecToInput ? 1 : 0,
      beta1,
      beta2,
      eps,
      clip_norm: plan.clipNorm,
      clip_eps: CLIP_EPS,
    },
  });
}
