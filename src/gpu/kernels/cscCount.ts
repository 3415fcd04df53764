// Binder of csc_count.wgsl: how many slots of the sparse code hold each latent.
import source from '../../../shaders/csc_count.wgsl?raw';
import type { BindingLayout } from '../bindingLayout';
import { defineKernel, type PreparedKernel } from '../defineKernel';
import type { GpuContext } from '../device';
import type { TrainerPlan } from '../trainerPlan';

export const CSC_COUNT_LAYOUT = {
  latentIndices: 'read',
  auxIndices: 'read',
  dead: 'read',
  counts: 'write',
} as const satisfies BindingLayout;

export const cscCount = defineKernel({
  label: 'csc_count',
  source,
  overrides: ['rows', 'k', 'k_aux'],
  layout: CSC_COUNT_LAYOUT,
});

/** Dispatch a thread per slot, 64 a workgroup. */
export function prepareCscCount(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_COUNT_LAYOUT>> {
  return cscCount.prepare(context, {
    overrides: { rows: plan.rows, k: plan.k, k_aux: plan.k_aux },
  });
}

/** Workgroups of csc_count, csc_scatter and csc_sort: a thread per slot. */
export function slotGrid({ slots }: TrainerPlan): number {
  return Math.ceil(slots / 64);
}
