// Binder of dense_delta.wgsl: gradient at the pre-activations of one row chunk, and its column sums.
import source from '../../../shaders/dense_delta.wgsl?raw';
import { packUniform } from '../device/buffers';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { jumpConstants, type DensePlan } from '../train/densePlan';
import { DENSE_VARIANTS, densePrelude, preludes } from './denseVariants';
import { denseStepPart, gridPart } from './parts';

export const DENSE_DELTA_LAYOUT = {
  preActs: 'read',
  gateGrads: 'read',
  vectors: 'read',
  norms: 'read',
  tokensSinceFired: 'read',
  actGrads: 'write',
  columnParts: 'write',
  chunk: 'uniform',
  step: 'uniform',
} as const satisfies BindingLayout;

export const denseDelta = defineKernel({
  label: 'dense_delta',
  source,
  parts: [denseStepPart, gridPart],
  overrides: ['n', 'n4', 'part_rows', 'dead_after', 'bandwidth', 'tanh_scale'],
  layout: DENSE_DELTA_LAYOUT,
  variants: preludes(DENSE_VARIANTS, densePrelude),
});

export function prepareDenseDelta(
  context: GpuContext,
  plan: DensePlan,
): Promise<PreparedKernel<typeof DENSE_DELTA_LAYOUT>> {
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

/** {rows, accumulate} of a chunk, for dense_activate, too. */
export function denseChunk(o: { rows: number; accumulate: boolean }): Uint32Array {
  return new Uint32Array(
    packUniform([
      ['u32', o.rows],
      ['u32', o.accumulate ? 1 : 0],
    ]),
  );
}

/** Workgroups for `rows` rows: a thread per part and 4 columns. */
export function denseDeltaGrid({ partRows, n4 }: DensePlan, rows: number): number {
  return Math.ceil((Math.ceil(rows / partRows) * n4) / 64);
}
