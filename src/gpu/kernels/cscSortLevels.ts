// Binder of csc_sort_levels.wgsl: each latent's entries by ascending row, from a code of any row lengths.
import source from '../../../shaders/csc_sort_levels.wgsl?raw';
import type { CodeLayout } from '../sae/batchCode';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';

export const CSC_SORT_LEVELS_LAYOUT = {
  code: 'read',
  auxIndices: 'read',
  auxActs: 'read',
  preActGrad: 'read',
  auxPreActGrad: 'read',
  slots: 'read',
  csc: 'write',
} as const satisfies BindingLayout;

export const cscSortLevels = defineKernel({
  label: 'csc_sort_levels',
  source,
  overrides: [
    'main_slots',
    'k_aux',
    'aux_row',
    'n',
    'entries_at',
    'indices_at',
    'acts_at',
    'rows_at',
  ],
  layout: CSC_SORT_LEVELS_LAYOUT,
});

/** Dispatch a thread per slot, 64 a workgroup. */
export function prepareCscSortLevels(
  context: GpuContext,
  plan: TrainerPlan,
  code: CodeLayout,
): Promise<PreparedKernel<typeof CSC_SORT_LEVELS_LAYOUT>> {
  return cscSortLevels.prepare(context, {
    overrides: {
      main_slots: plan.mainSlots,
      k_aux: plan.k_aux,
      aux_row: plan.levels * plan.rows,
      n: plan.d_sae,
      entries_at: plan.entriesAt,
      indices_at: code.indicesAt,
      acts_at: code.actsAt,
      rows_at: code.rowsAt,
    },
  });
}
