// Binder of threshold_update.wgsl: the running inference threshold of BatchTopK.
import source from '../../../shaders/threshold_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';

export const THRESHOLD_UPDATE_LAYOUT = {
  state: 'read',
  running: 'write',
} as const satisfies BindingLayout;

export const thresholdUpdate = defineKernel({
  label: 'threshold_update',
  source,
  overrides: ['rate'],
  layout: THRESHOLD_UPDATE_LAYOUT,
  lanes: 1,
  grid: ONE_WORKGROUP,
  example: { rate: 0.01 },
});

export function prepareThresholdUpdate(
  context: GpuContext,
  rate: number,
): Promise<PreparedKernel<typeof THRESHOLD_UPDATE_LAYOUT>> {
  return thresholdUpdate.prepare(context, { overrides: { rate } });
}
