// Binder of csc_sort_long.wgsl: the entries by ascending row of latents that fire on very many rows.
import source from '../../../shaders/csc_sort_long.wgsl?raw';
import type { Bindings } from '../device/bindingLayout';
import { defineKernel, type Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { longestList, type TrainerPlan } from '../train/trainerPlan';
import { cscSort, CSC_SORT_LAYOUT, SORT_OVERRIDES, sortOverrides } from './cscSort';
import { gridPart, laneCountsPart, slotEntryPart } from './parts';

export const cscSortLong = defineKernel({
  label: 'csc_sort_long',
  source,
  parts: [gridPart, laneCountsPart, slotEntryPart],
  overrides: [...SORT_OVERRIDES, 'words'],
  layout: CSC_SORT_LAYOUT,
  lanes: { gpu: 128, software: 8 },
  grid: { workgroups: ({ n }) => n },
});

/** csc_sort, and csc_sort_long where a list can be so long.
 *  @param rowsAt for a code whose rows hold any number of slots: the word of `latentActs` from which on it
 *   holds each slot's gradient row; null where every row holds as many */
export async function prepareListSort(
  context: GpuContext,
  plan: TrainerPlan,
  rowsAt: number | null = null,
): Promise<{ bind: (bindings: Bindings<typeof CSC_SORT_LAYOUT>) => Dispatch[] }> {
  const overrides = sortOverrides(plan, rowsAt);
  const words = plan.bitmapWords;
  const [short, long] = await Promise.all([
    cscSort.prepare(context, { overrides }),
    plan.longestCounted < longestList(plan)
      ? cscSortLong.prepare(context, { overrides: { ...overrides, words } })
      : null,
  ]);
  return {
    bind: (bindings) => [
      short.bind(bindings).dispatch({ slots: plan.slots }),
      ...(long === null ? [] : [long.bind(bindings).dispatch()]),
    ],
  };
}
