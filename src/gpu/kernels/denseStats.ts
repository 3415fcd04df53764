// Binder of dense_stats.wgsl: losses and L0 of one dense step, kept on the GPU until they are read.
import source from '../../../shaders/dense_stats.wgsl?raw';
import { invariant } from '../../core/errors';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { jumpConstants, type DensePlan } from '../train/densePlan';
import { DENSE_STEP } from './denseStep';
import { LOSS_VARIANTS } from './denseVariants';
import { denseStepPart, laneCountsPart, laneSumsPart } from './parts';

export const DENSE_STATS_LAYOUT = {
  totals: 'read',
  norms: 'read',
  columnMoments: 'read',
  gateMoments: 'read',
  counters: 'read',
  metrics: 'write',
  step: DENSE_STEP,
} as const satisfies BindingLayout;

export const denseStats = defineKernel({
  label: 'dense_stats',
  source,
  parts: [denseStepPart, laneCountsPart, laneSumsPart],
  overrides: ['rows', 'part_rows', 'parts', 'n', 'n4', 'd4', 'target_l0'],
  layout: DENSE_STATS_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
  variants: LOSS_VARIANTS,
});

/** Run it before dense_latent_gradient. */
export function prepareDenseStats(
  context: GpuContext,
  plan: DensePlan,
): Promise<PreparedKernel<typeof DENSE_STATS_LAYOUT>> {
  return denseStats.prepare(context, {
    overrides: {
      rows: plan.rows,
      part_rows: plan.partRows,
      parts: plan.rowParts,
      n: plan.d_sae,
      n4: plan.n4,
      d4: plan.d4,
      target_l0: jumpConstants(plan).target_l0,
    },
    variant: plan.variant,
  });
}

/** Words of `metrics`. */
export const DENSE_METRICS_WORDS = 8;

export type DenseMetrics = {
  mse: number;
  /** penalty with its coefficient */
  sparsityLoss: number;
  /** Gated's auxiliary, JumpReLU's pre-activation loss */
  auxLoss: number;
  l0: number;
  /** global norm of the gradients, before the clip */
  gradientNorm: number;
  nanCount: number;
  deadCount: number;
};

/** Reads the slot that dense_stats, dense_bdec_adam and dense_dead wrote. */
export function parseDenseMetrics(bytes: ArrayBuffer, rows: number): DenseMetrics {
  const floats = new Float32Array(bytes);
  const counts = new Uint32Array(bytes);
  invariant(floats.length === DENSE_METRICS_WORDS, `metrics of ${bytes.byteLength} bytes`);
  return {
    mse: floats[0]!,
    sparsityLoss: floats[1]!,
    auxLoss: floats[3]!,
    l0: counts[2]! / rows,
    gradientNorm: floats[5]!,
    nanCount: counts[4]!,
    deadCount: counts[7]!,
  };
}
