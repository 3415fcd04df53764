// Binder of aux_topk.wgsl: each row's strongest dead latents. Dispatched indirectly from `dead`.
import source from '../../../shaders/aux_topk.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { emptySlotPart, floatKeyPart, gridPart, laneCountsPart, radixSelectPart } from './parts';

export const AUX_TOPK_LAYOUT = {
  preActs: 'read',
  dead: 'read',
  auxIndices: 'write',
  auxActs: 'write',
} as const satisfies BindingLayout;

export const auxTopk = defineKernel({
  label: 'aux_topk',
  source,
  parts: [emptySlotPart, floatKeyPart, gridPart, laneCountsPart, radixSelectPart],
  overrides: ['k_aux', 'n_stride'],
  layout: AUX_TOPK_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  example: { k_aux: 24, n_stride: 192 },
});

export function prepareAuxTopk(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof AUX_TOPK_LAYOUT, 'rows'>> {
  return auxTopk.prepare(context, {
    overrides: { k_aux: plan.k_aux, n_stride: plan.forward.nStride },
  });
}
