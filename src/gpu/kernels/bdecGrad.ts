// Binder of bdec_grad.wgsl: b_dec's gradient through the encoder, in parts of latents.
import source from '../../../shaders/bdec_grad.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { SHARD } from './chunks';
import { gridPart, listBlocksPart, shardPart } from './parts';
import { blockOverrides } from './widthVariant';

export const BDEC_GRAD_LAYOUT = {
  csc: 'read',
  W_enc: 'read',
  encoderPath: 'write',
  shard: SHARD,
} as const satisfies BindingLayout;

export const bdecGrad = defineKernel({
  label: 'bdec_grad',
  source,
  parts: [gridPart, listBlocksPart, shardPart],
  overrides: ['d4', 'part_latents', 'entries_at', 'block_entries', 'blocks_at'],
  layout: BDEC_GRAD_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: {
    counts: ['latents'],
    workgroups: (size) => Math.ceil(size.latents / size.part_latents),
  },
});

/** Run it after csc_blocks, before latent_update changes W_enc. */
export function prepareBdecGrad(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof BDEC_GRAD_LAYOUT, 'latents'>> {
  return bdecGrad.prepare(context, {
    overrides: {
      d4: plan.d4,
      part_latents: plan.partLatents,
      ...blockOverrides(plan),
    },
  });
}
