// Binder of dense_delta.wgsl: gradient at the pre-activations of one row chunk, and its column sums.
import source from '../../../shaders/dense_delta.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { uniformStruct } from '../device/uniformStruct';
import { jumpConstants, type DensePlan } from '../train/densePlan';
import { DENSE_STEP } from './denseStep';
import { LOSS_VARIANTS } from './denseVariants';
import { denseStepPart, gridPart } from './parts';

/** accumulate: 1 where sums are added to those of earlier chunks. */
export const DENSE_CHUNK = uniformStruct({ rows: 'u32', accumulate: 'u32' });

export const DENSE_DELTA_LAYOUT = {
  preActs: 'read',
  gateGrads: 'read',
  vectors: 'read',
  norms: 'read',
  tokensSinceFired: 'read',
  actGrads: 'write',
  columnParts: 'write',
  chunk: DENSE_CHUNK,
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseDelta = defineKernel({
  label: 'dense_delta',
  source,
  parts: [denseStepPart, gridPart],
  overrides: ['n', 'n4', 'part_rows', 'dead_after', 'bandwidth', 'tanh_scale'],
  layout: DENSE_DELTA_LAYOUT,
  lanes: 64,
  grid: {
    counts: ['rows'],
    threads: (size) => Math.ceil(size.rows / size.part_rows) * size.n4,
  },
  variants: LOSS_VARIANTS,
});

export function prepareDenseDelta(
  context: GpuContext,
  plan: DensePlan,
): Promise<PreparedKernel<typeof DENSE_DELTA_LAYOUT, 'rows'>> {
  const { bandwidth, tanh_scale: tanhScale } = jumpConstants(plan);
  return denseDelta.prepare(context, {
    overrides: {
      n: plan.d_sae,
      n4: plan.n4,
      part_rows: plan.partRows,
      dead_after: plan.deadAfter,
      bandwidth,
      tanh_scale: tanhScale,
    },
    variant: plan.variant,
  });
}
