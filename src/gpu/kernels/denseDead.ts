// Binder of dense_dead.wgsl: tokens since each latent fired, after a dense step.
import source from '../../../shaders/dense_dead.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { laneCountsPart, silencePart } from './parts';

export const DENSE_DEAD_LAYOUT = {
  totals: 'read',
  tokensSinceFired: 'write',
  metrics: 'write',
} as const satisfies BindingLayout;

export const denseDead = defineKernel({
  label: 'dense_dead',
  source,
  parts: [laneCountsPart, silencePart],
  overrides: ['rows', 'n', 'dead_after'],
  layout: DENSE_DEAD_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
});

/** Run it after every reader of tokensSinceFired. */
export function prepareDenseDead(
  context: GpuContext,
  { rows, d_sae, deadAfter }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_DEAD_LAYOUT>> {
  return denseDead.prepare(context, {
    overrides: { rows, n: d_sae, dead_after: deadAfter },
  });
}
