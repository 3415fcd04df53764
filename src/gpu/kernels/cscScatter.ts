// Binder of csc_scatter.wgsl: slot numbers into their latent's list, unsorted.
import source from '../../../shaders/csc_scatter.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { slotOverrides } from './cscCount';

export const CSC_SCATTER_LAYOUT = {
  latentIndices: 'read',
  auxIndices: 'read',
  dead: 'read',
  csc: 'read',
  counts: 'write',
  slots: 'write',
} as const satisfies BindingLayout;

export const cscScatter = defineKernel({
  label: 'csc_scatter',
  source,
  overrides: ['main_slots', 'aux_slots'],
  layout: CSC_SCATTER_LAYOUT,
});

/** Dispatch a thread per slot, 64 a workgroup. */
export function prepareCscScatter(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_SCATTER_LAYOUT>> {
  return cscScatter.prepare(context, {
    overrides: slotOverrides(plan),
  });
}
