// Binder of csc_sort.wgsl: each latent's entries by ascending row. prepareListSort (cscSortLong.ts) prepares it.
import source from '../../../shaders/csc_sort.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import type { TrainerPlan } from '../train/trainerPlan';
import { gridPart, slotEntryPart } from './parts';

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

export const SORT_OVERRIDES = [
  'main_slots',
  'k',
  'rows_at',
  'k_aux',
  'aux_row',
  'n',
  'entries_at',
  'longest',
] as const;

export const cscSort = defineKernel({
  label: 'csc_sort',
  source,
  parts: [gridPart, slotEntryPart],
  overrides: SORT_OVERRIDES,
  layout: CSC_SORT_LAYOUT,
  lanes: 64,
  grid: { counts: ['slots'], threads: ({ slots }) => slots },
});

export function sortOverrides(
  plan: TrainerPlan,
  rowsAt: number | null,
): Record<(typeof SORT_OVERRIDES)[number], number> {
  return {
    main_slots: plan.mainSlots,
    k: rowsAt === null ? plan.mainSlots / plan.rows : 0,
    rows_at: rowsAt ?? 0,
    k_aux: plan.k_aux,
    aux_row: plan.levels * plan.rows,
    n: plan.d_sae,
    entries_at: plan.entriesAt,
    longest: plan.longestCounted,
  };
}
