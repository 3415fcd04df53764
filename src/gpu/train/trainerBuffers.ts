// GPU buffers of one training run of the sparse architectures: the weights, and the scratch of a step.
// Records nothing.
import { deadLatents, type TrainerState } from '../../core/train/trainerState';
import { createBufferSet, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { deadBuffer } from '../kernels/deadUpdate';
import { METRICS_WORDS } from '../kernels/stepStats';
import type { TrainerPlan } from './trainerPlan';
import { createWeightBuffers, type WeightBuffers } from '../sae/weightBuffers';

export type TrainerBuffers = WeightBuffers & {
  /** count, indirect arguments, list: dead_update.wgsl */
  dead: GPUBuffer;
  /** [(levels + 1)·rows, dStride]; the last rows are AuxK's */
  gradient: GPUBuffer;
  /** [mainSlots] */
  preActGrad: GPUBuffer;
  /** [rows, k_aux], as are the next two */
  auxPreActGrad: GPUBuffer;
  auxIndices: GPUBuffer;
  auxActs: GPUBuffer;
  /** [rows, rowWords] */
  rowStats: GPUBuffer;
  auxRowStats: GPUBuffer;
  /** of the first level's gradient rows: b_dec's gradient */
  columnMoments: GPUBuffer;
  errorVariance: GPUBuffer;
  counts: GPUBuffer;
  slots: GPUBuffer;
  csc: GPUBuffer;
  encoderPath: GPUBuffer;
  metrics: GPUBuffer;
  /** ring rows of the step */
  rowIndices: GPUBuffer;
  /** a transcoder's: what its code is to rebuild, [rows, dStride]; else empty */
  targets: GPUBuffer;
};

export function createTrainerBuffers(
  context: GpuContext,
  plan: TrainerPlan,
  state: TrainerState,
): { set: BufferSet; buffers: TrainerBuffers } {
  const set = createBufferSet(context, 'sae_trainer');
  const { rows, d_sae, k_aux, dStride } = plan;
  const words = (label: string, count: number) => set.storage(label, 4 * count);
  const dead = deadLatents(state.tokensSinceFired, plan.deadAfter);
  const buffers: TrainerBuffers = {
    ...createWeightBuffers(set, { ...plan, shards: plan.forward.shards }, state),
    dead: set.storage('dead', deadBuffer(dead, plan), GPUBufferUsage.INDIRECT),
    gradient: words('gradient', (plan.levels + 1) * rows * dStride),
    preActGrad: words('preActGrad', plan.mainSlots),
    auxPreActGrad: words('auxPreActGrad', rows * k_aux),
    auxIndices: words('auxIndices', rows * k_aux),
    auxActs: words('auxActs', rows * k_aux),
    rowStats: words('rowStats', plan.rowWords * rows),
    auxRowStats: words('auxRowStats', 2 * rows),
    columnMoments: words('columnMoments', 2 * plan.rowParts * dStride),
    errorVariance: words('errorVariance', 1),
    counts: words('counts', d_sae),
    slots: words('slots', plan.slots),
    csc: words('csc', plan.cscWords),
    encoderPath: words('encoderPath', plan.latentParts * dStride),
    metrics: words('metrics', METRICS_WORDS),
    rowIndices: words('rowIndices', rows),
    targets: words('targets', plan.config.architecture === 'transcoder' ? rows * dStride : 0),
  };
  return { set, buffers };
}
