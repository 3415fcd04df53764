// Binder of csc_sort.wgsl: each latent's entries by ascending row.
import source from '../../../shaders/csc_sort.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';

export const CSC_SORT_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  auxIndices: 'read',
  auxActs: 'read',
  preActGrad: 'read',
  auxPreActGrad: 'read',
  slots: 'read',
  csc: 'write',
} as const satisfies BindingLayout;

export const cscSort = defineKernel({
  label: 'csc_sort',
  source,
  overrides: ['rows', 'k', 'k_aux', 'n', 'entries_at'],
  layout: CSC_SORT_LAYOUT,
});

/** Dispatch a thread per slot, 64 a workgroup. */
export function prepareCscSort(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_SORT_LAYOUT>> {
  return cscSort.prepare(context, {
    overrides: {
      rows: plan.rows,
      k: plan.mainSlots / plan.rows,
      k_aux: plan.k_aux,
      n: plan.d_sae,
      entries_at: plan.entriesAt,
    },
  });
}
