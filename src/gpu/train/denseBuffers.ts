// GPU buffers of one dense training run (ReLU-L1, Gated, JumpReLU): the state that persists between steps,
// and the scratch of a step. Converts the state from and to plain arrays; records nothing.
import type { ExtraName } from '../../core/sae/stateShape';
import { LATENT_VECTORS } from '../../core/train/denseLoss';
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import type { TrainedVector, TrainerState } from '../../core/train/trainerState';
import { createBufferSet, readF32, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import type { DensePlan } from './densePlan';
import type { ParameterPlace } from '../sae/parameterPlace';
import { DENSE_METRICS_WORDS } from '../kernels/denseStats';
import {
  createWeightBuffers,
  matrixParameters,
  readWeights,
  type ParameterState,
  type WeightBuffers,
  type WeightShard,
} from '../sae/weightBuffers';

/** Of one shard, so its matrices stand here themselves. */
export type DenseBuffers = Omit<WeightBuffers, 'encoderBias' | 'extra'> &
  WeightShard & {
    /** [V, 3, d_sae]: value, m, v of each latent vector, in LATENT_VECTORS' order */
    vectors: GPUBuffer;
    /** [d_sae]: n_i; ones where rows keep unit norm */
    norms: GPUBuffer;
    /** [chunkRows, nStride] each; the gate's are empty unless the SAE is gated */
    acts: GPUBuffer;
    actGrads: GPUBuffer;
    gateActs: GPUBuffer;
    gateGrads: GPUBuffer;
    /** [rows, dStride]: ∂L/∂x̂, and of Gated's auxiliary reconstruction */
    gradient: GPUBuffer;
    gateGradient: GPUBuffer;
    /** [d_sae, dStride] each: the weights' gradients, 8·d_sae·dStride bytes together */
    gradEnc: GPUBuffer;
    gradDec: GPUBuffer;
    /** [V, d_sae] gradients, [d_sae] squared norms, the clip's factor */
    latentGradients: GPUBuffer;
    columnParts: GPUBuffer;
    totals: GPUBuffer;
    columnMoments: GPUBuffer;
    gateMoments: GPUBuffer;
    encoderPath: GPUBuffer;
    metrics: GPUBuffer;
    /** [d_sae] of 0, and encode's additional outputs, which are not used */
    noBias: GPUBuffer;
    unusedMaxima: GPUBuffer;
    unusedCounters: GPUBuffer;
    /** ring rows of the step */
    rowIndices: GPUBuffer;
  };

export function createDenseBuffers(
  context: GpuContext,
  plan: DensePlan,
  state: TrainerState,
): { set: BufferSet; buffers: DenseBuffers } {
  const set = createBufferSet(context, 'dense_trainer');
  try {
    return { set, buffers: allocate(set, plan, state) };
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

function allocate(set: BufferSet, plan: DensePlan, state: TrainerState): DenseBuffers {
  const { rows, d_sae, dStride, forward, slots, vectors } = plan;
  const words = (label: string, count: number) => set.storage(label, 4 * count);
  const gateWords = (label: string, count: number) =>
    words(label, plan.loss.kind === 'gated' ? count : 0);
  const { encoderBias, extra, ...weights } = createWeightBuffers(
    set,
    { ...plan, shards: forward.shards },
    {
      ...state,
      extra: {},
    },
  );
  invariant(Object.keys(extra).length === 0, 'latent vectors live in one buffer');
  set.release(encoderBias);
  const chunk = forward.chunkRows * forward.nStride;
  const moments = 2 * plan.rowParts * dStride;
  return {
    ...weights,
    ...elementAt(weights.shards, 0),
    vectors: set.storage('vectors', packVectors(state, plan)),
    norms: set.storage('norms', new Float32Array(d_sae).fill(1)),
    acts: words('acts', chunk),
    actGrads: words('actGrads', chunk),
    gateActs: gateWords('gateActs', chunk),
    gateGrads: gateWords('gateGrads', chunk),
    gradient: words('gradient', rows * dStride),
    gateGradient: gateWords('gateGradient', rows * dStride),
    gradEnc: words('gradEnc', d_sae * dStride),
    gradDec: words('gradDec', d_sae * dStride),
    latentGradients: words('latentGradients', (vectors + 1) * d_sae + 1),
    columnParts: words('columnParts', plan.chunkParts * slots * forward.nStride),
    totals: words('totals', slots * forward.nStride),
    columnMoments: words('columnMoments', moments),
    gateMoments: gateWords('gateMoments', moments),
    encoderPath: words('encoderPath', plan.latentParts * dStride),
    metrics: words('metrics', DENSE_METRICS_WORDS),
    noBias: words('noBias', d_sae),
    unusedMaxima: words('unusedMaxima', forward.chunkRows * forward.groups),
    unusedCounters: words('unusedCounters', 4),
    rowIndices: words('rowIndices', rows),
  };
}

function packVectors(state: TrainerState, { d_sae, loss }: DensePlan): Float32Array {
  const names = LATENT_VECTORS[loss.kind];
  const out = new Float32Array(names.length * 3 * d_sae);
  names.forEach((name, which) => {
    const vector: TrainedVector | undefined =
      which === 0 ? { values: state.b_enc, ...state.adam.b_enc } : state.extra[name as ExtraName];
    invariant(vector !== undefined, `trainer state without ${name}`);
    [vector.values, vector.m, vector.v].forEach((part, i) => {
      out.set(part, (3 * which + i) * d_sae);
    });
  });
  return out;
}

/** The parameters' buffers, for readers on the GPU. */
export function denseParameters(buffers: DenseBuffers, plan: DensePlan): ParameterPlace[] {
  const { d_sae, loss } = plan;
  const vectors = LATENT_VECTORS[loss.kind].map((name, which) => {
    return { name, buffer: buffers.vectors, first: 3 * which * d_sae, count: d_sae, cols: d_sae };
  });
  return [...matrixParameters(buffers, plan.d_in), ...vectors];
}

/** The exact state after the last enqueued step; `step` is the caller's count. */
export async function readDenseState(
  context: GpuContext,
  plan: DensePlan,
  buffers: DenseBuffers,
  step: number,
): Promise<ParameterState> {
  const { d_sae, loss, vectors } = plan;
  const names = LATENT_VECTORS[loss.kind].slice(1) as ExtraName[];
  // One snapshot: all copies are enqueued before any await lets another step in.
  const [state, packed] = await Promise.all([
    readWeights(
      context,
      { ...buffers, encoderBias: buffers.vectors, extra: {} },
      { ...plan, step, runningCount: 0 },
    ),
    readF32(context, buffers.vectors, 3 * d_sae * vectors),
  ]);
  const part = (at: number) => packed.slice(at * d_sae, (at + 1) * d_sae);
  const extra: TrainerState['extra'] = {};
  names.forEach((name, i) => {
    const at = 3 * (i + 1);
    extra[name] = { values: part(at), m: part(at + 1), v: part(at + 2) };
  });
  return { ...state, extra };
}
