// Binder of csc_scan.wgsl: offsets of each latent's list.
import source from '../../../shaders/csc_scan.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { lanes, variantOf } from './lanes';
import { laneCountsPart } from './parts';

export const CSC_SCAN_LAYOUT = {
  counts: 'write',
  csc: 'write',
} as const satisfies BindingLayout;

export const cscScan = defineKernel({
  label: 'csc_scan',
  source,
  parts: [laneCountsPart],
  overrides: ['n'],
  layout: CSC_SCAN_LAYOUT,
  variants: { gpu: lanes(256), software: lanes(8) },
});

/** Dispatch one workgroup. */
export function prepareCscScan(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_SCAN_LAYOUT>> {
  return cscScan.prepare(context, { overrides: { n: plan.d_sae }, variant: variantOf(context) });
}
