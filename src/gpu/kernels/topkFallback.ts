// Binder of topk_fallback.wgsl: exact TopK by radix select, for the rows that topk_row listed (indirect)
// or, if there are too few groups for k, for every row.
import source from '../../../shaders/topk_fallback.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { emptySlotPart, floatKeyPart, gridPart, laneCountsPart, radixSelectPart } from './parts';

export const TOPK_FALLBACK_LAYOUT = {
  preActs: 'read',
  overflow: 'read',
  latentIndices: 'write',
  latentActs: 'write',
} as const satisfies BindingLayout;

export const topkFallback = defineKernel({
  label: 'topk_fallback',
  source,
  parts: [emptySlotPart, floatKeyPart, gridPart, laneCountsPart, radixSelectPart],
  overrides: ['k', 'n', 'n_stride'],
  layout: TOPK_FALLBACK_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  variants: { listed: { ALL_ROWS: false }, all: { ALL_ROWS: true } },
  example: { k: 1024, n: 130, n_stride: 192 },
});

/** 'listed': dispatch it indirectly from `overflow`. */
export function prepareTopkFallback(
  context: GpuContext,
  plan: ForwardPlan,
  rows: 'listed' | 'all',
): Promise<PreparedKernel<typeof TOPK_FALLBACK_LAYOUT, 'rows'>> {
  return topkFallback.prepare(context, {
    overrides: { k: plan.k, n: plan.d_sae, n_stride: plan.nStride },
    variant: rows,
  });
}
