// Binder of csc_sort.wgsl: each latent's entries by ascending row.
import source from '../../../shaders/csc_sort.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { gridPart } from './parts';

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
  parts: [gridPart],
  overrides: ['main_slots', 'k', 'rows_at', 'k_aux', 'aux_row', 'n', 'entries_at'],
  layout: CSC_SORT_LAYOUT,
  lanes: 64,
  grid: { counts: ['slots'], threads: ({ slots }) => slots },
});

/** @param rowsAt for a code whose rows hold any number of slots: the word of `latentActs` from which on it
 *   holds each slot's gradient row; null where every row holds as many */
export function prepareCscSort(
  context: GpuContext,
  plan: TrainerPlan,
  rowsAt: number | null = null,
): Promise<PreparedKernel<typeof CSC_SORT_LAYOUT, 'slots'>> {
  return cscSort.prepare(context, {
    overrides: {
      main_slots: plan.mainSlots,
      k: rowsAt === null ? plan.mainSlots / plan.rows : 0,
      rows_at: rowsAt ?? 0,
      k_aux: plan.k_aux,
      aux_row: plan.levels * plan.rows,
      n: plan.d_sae,
      entries_at: plan.entriesAt,
    },
  });
}
