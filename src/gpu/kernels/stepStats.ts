// Binder of step_stats.wgsl: one step's metrics, kept on the GPU until they are read.
import source from '../../../shaders/step_stats.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { invariant } from '../../core/errors';
import type { StepMetrics } from '../../core/train/trainerState';
import type { TrainerPlan } from '../train/trainerPlan';
import { laneCountsPart, laneSumsPart, trainerStepPart } from './parts';
import { TRAINER_STEP } from './trainerStep';

export const STEP_STATS_LAYOUT = {
  rowStats: 'read',
  auxRowStats: 'read',
  dead: 'read',
  errorVariance: 'read',
  counters: 'read',
  metrics: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

export const stepStats = defineKernel({
  label: 'step_stats',
  source,
  parts: [laneCountsPart, laneSumsPart, trainerStepPart],
  overrides: ['rows', 'aux_on', 'row_words'],
  layout: STEP_STATS_LAYOUT,
  lanes: { gpu: 256, software: 8 },
  grid: ONE_WORKGROUP,
});

/** Run it before dead_update. */
export function prepareStepStats(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof STEP_STATS_LAYOUT>> {
  return stepStats.prepare(context, {
    overrides: {
      rows: plan.rows,
      aux_on: plan.k_aux > 0 ? 1 : 0,
      row_words: plan.rowWords,
    },
  });
}

/** Words of `metrics`. */
export const METRICS_WORDS = 8;

/** Reads the slot that step_stats and dead_update wrote. */
export function parseMetrics(
  bytes: ArrayBuffer,
  o: { step: number; rows: number; levels: number; variance: number },
): StepMetrics {
  const floats = new Float32Array(bytes);
  const [mse, auxLoss] = floats;
  const counts = new Uint32Array(bytes);
  invariant(mse !== undefined && auxLoss !== undefined, 'metrics of 0 bytes');
  return {
    step: o.step,
    loss: floats[6]! / (o.levels * o.variance) + auxLoss,
    mse,
    l0: counts[2]! / o.rows,
    explainedVariance: 1 - mse / o.variance,
    auxLoss,
    sparsityLoss: 0,
    deadCount: counts[7]!,
    auxSilent: counts[3]!,
    nanCount: counts[4]!,
    overflowRows: counts[5]!,
  };
}
