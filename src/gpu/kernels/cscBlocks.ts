// Binder of csc_blocks.wgsl: sums of gradients over the blocks of long lists.
import source from '../../../shaders/csc_blocks.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { entrySumsPart, gridPart, listBlocksPart } from './parts';
import { blockOverrides, chooseWidth, WIDTH_VARIANTS } from './widthVariant';

export const CSC_BLOCKS_LAYOUT = {
  xc: 'read',
  gradient: 'read',
  csc: 'write',
} as const satisfies BindingLayout;

export const cscBlocks = defineKernel({
  label: 'csc_blocks',
  source,
  parts: [entrySumsPart, gridPart, listBlocksPart],
  overrides: ['rows', 'n', 'd4', 'entries_at', 'blocks', 'block_entries', 'blocks_at'],
  layout: CSC_BLOCKS_LAYOUT,
  grid: { workgroups: ({ blocks }) => blocks },
  variants: WIDTH_VARIANTS,
});

/** Run it after csc_sort, before bdec_grad and latent_update. */
export function prepareCscBlocks(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_BLOCKS_LAYOUT>> {
  const { rows, d_sae: n, d4, blocks } = plan;
  return cscBlocks.prepare(context, {
    overrides: { rows, n, d4, blocks, ...blockOverrides(plan) },
    variant: chooseWidth(context, d4),
  });
}
