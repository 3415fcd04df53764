// Binder of latent_update.wgsl: gradients, projection, Adam and renormalisation of one latent at a time.
import source from '../../../shaders/latent_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { SHARD } from './chunks';
import {
  adamPart,
  entrySumsPart,
  gridPart,
  laneSumsPart,
  listBlocksPart,
  shardPart,
  trainerStepPart,
} from './parts';
import { adamOverrides, TRAINER_STEP } from './trainerStep';
import { blockOverrides, chooseWidth, WIDTH_VARIANTS } from './widthVariant';

export const LATENT_UPDATE_LAYOUT = {
  csc: 'read',
  xc: 'read',
  gradient: 'read',
  W_enc: 'write',
  W_dec: 'write',
  momentsEnc: 'write',
  momentsDec: 'write',
  encoderBias: 'write',
  step: TRAINER_STEP,
  shard: SHARD,
} as const satisfies BindingLayout;

export const latentUpdate = defineKernel({
  label: 'latent_update',
  source,
  parts: [
    adamPart,
    entrySumsPart,
    gridPart,
    laneSumsPart,
    listBlocksPart,
    shardPart,
    trainerStepPart,
  ],
  overrides: [
    ...(['rows', 'n', 'd4', 'entries_at', 'block_entries', 'blocks_at'] as const),
    ...(['beta1', 'beta2', 'eps'] as const),
  ],
  layout: LATENT_UPDATE_LAYOUT,
  grid: { counts: ['latents'], workgroups: ({ latents }) => latents },
  variants: WIDTH_VARIANTS,
  example: { beta1: 0.9, beta2: 0.999, eps: 6.25e-10 },
});

/** Run it last of all that read W_enc, W_dec or b_enc. */
export function prepareLatentUpdate(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof LATENT_UPDATE_LAYOUT, 'latents'>> {
  const { rows, d_sae: n, d4, config } = plan;
  return latentUpdate.prepare(context, {
    overrides: { rows, n, d4, ...blockOverrides(plan), ...adamOverrides(config) },
    variant: chooseWidth(context, d4),
  });
}
