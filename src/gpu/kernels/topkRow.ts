// Binder of topk_row.wgsl: the k strongest latents of each row, from group maxima. topkFallback does the rows
// that overflow.
import source from '../../../shaders/topk_row.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { CHUNK } from './chunks';
import { emptySlotPart, floatKeyPart, gridPart, radixSelectPart } from './parts';

export const TOPK_ROW_LAYOUT = {
  groupMax: 'read',
  preActs: 'read',
  latentIndices: 'write',
  latentActs: 'write',
  overflow: 'write',
  counters: 'write',
  chunk: CHUNK,
} as const satisfies BindingLayout;

export const topkRow = defineKernel({
  label: 'topk_row',
  source,
  parts: [emptySlotPart, floatKeyPart, gridPart, radixSelectPart],
  overrides: ['k', 'groups', 'group_width', 'cap'],
  layout: TOPK_ROW_LAYOUT,
  lanes: { gpu: 128, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  variants: { count: { RADIX: false }, radix: { RADIX: true } },
  example: { k: 32, groups: 256, group_width: 64, cap: 512 },
});

/** `plan.select` must be 'groups'. */
export function prepareTopkRow(
  context: GpuContext,
  plan: ForwardPlan,
): Promise<PreparedKernel<typeof TOPK_ROW_LAYOUT, 'rows'>> {
  return topkRow.prepare(context, {
    overrides: {
      k: plan.k,
      groups: plan.groups,
      group_width: plan.groupWidth,
      cap: plan.candidateCap,
    },
    variant: plan.bound,
  });
}
