// Binder of csc_slots.wgsl: how many slots of the sparse code hold each latent, then their numbers by latent.
import source from '../../../shaders/csc_slots.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { emptySlotPart, gridPart } from './parts';

export const CSC_SLOTS_LAYOUT = {
  latentIndices: 'read',
  auxIndices: 'read',
  dead: 'read',
  csc: 'read',
  counts: 'write',
  slots: 'write',
} as const satisfies BindingLayout;

export const cscSlots = defineKernel({
  label: 'csc_slots',
  source,
  parts: [emptySlotPart, gridPart],
  overrides: ['main_slots', 'aux_slots'],
  layout: CSC_SLOTS_LAYOUT,
  lanes: 64,
  grid: { threads: (size) => size.main_slots + size.aux_slots },
  variants: { count: { SCATTER: false }, scatter: { SCATTER: true } },
});

export function prepareCscSlots(
  context: GpuContext,
  plan: TrainerPlan,
  variant: 'count' | 'scatter',
): Promise<PreparedKernel<typeof CSC_SLOTS_LAYOUT>> {
  const { mainSlots, rows, k_aux } = plan;
  return cscSlots.prepare(context, {
    overrides: { main_slots: mainSlots, aux_slots: rows * k_aux },
    variant,
  });
}
