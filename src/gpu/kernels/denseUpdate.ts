// Binder of dense_update.wgsl: Adam and unit rows, one latent at a time.
import source from '../../../shaders/dense_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { DENSE_STEP } from './denseStep';
import { KIND_VARIANTS, withDecoderNorm } from './denseVariants';
import { adamPart, denseStepPart, gridPart, laneSumsPart } from './parts';

export const DENSE_UPDATE_LAYOUT = {
  gradEnc: 'read',
  gradDec: 'read',
  latentGradients: 'read',
  W_enc: 'write',
  W_dec: 'write',
  momentsEnc: 'write',
  momentsDec: 'write',
  vectors: 'write',
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseUpdate = defineKernel({
  label: 'dense_update',
  source,
  parts: [adamPart, denseStepPart, gridPart, laneSumsPart],
  overrides: ['n', 'd4', 'beta1', 'beta2', 'eps'],
  layout: DENSE_UPDATE_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ n }) => n },
  variants: withDecoderNorm(KIND_VARIANTS),
  example: { beta1: 0.9, beta2: 0.999, eps: 1e-8 },
});

/** Run it last of all that read the weights. */
export function prepareDenseUpdate(
  context: GpuContext,
  { d_sae, d4, beta1, beta2, eps, loss, decoderNorm }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_UPDATE_LAYOUT>> {
  return denseUpdate.prepare(context, {
    overrides: { n: d_sae, d4, beta1, beta2, eps },
    variant: `${loss.kind}, ${decoderNorm} norm`,
  });
}
