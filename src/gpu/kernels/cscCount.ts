// Binder of csc_count.wgsl: how many slots of the sparse code hold each latent.
import source from '../../../shaders/csc_count.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';

export const CSC_COUNT_LAYOUT = {
  latentIndices: 'read',
  auxIndices: 'read',
  dead: 'read',
  counts: 'write',
} as const satisfies BindingLayout;

export const cscCount = defineKernel({
  label: 'csc_count',
  source,
  overrides: ['main_slots', 'aux_slots'],
  layout: CSC_COUNT_LAYOUT,
});

/** Dispatch a thread per slot, 64 a workgroup. */
export function prepareCscCount(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_COUNT_LAYOUT>> {
  return cscCount.prepare(context, {
    overrides: slotOverrides(plan),
  });
}

/** Slots of the code and of AuxK, as csc_count and csc_scatter take them. */
export function slotOverrides({ mainSlots, rows, k_aux }: TrainerPlan) {
  return { main_slots: mainSlots, aux_slots: rows * k_aux };
}

/** Workgroups of csc_count, csc_scatter and csc_sort: a thread per slot. */
export function slotGrid({ slots }: TrainerPlan): number {
  return Math.ceil(slots / 64);
}
