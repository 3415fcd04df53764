// Binder of csc_scan.wgsl: offsets of each latent's list.
import source from '../../../shaders/csc_scan.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
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
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
});

export function prepareCscScan(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof CSC_SCAN_LAYOUT>> {
  return cscScan.prepare(context, { overrides: { n: plan.d_sae } });
}
