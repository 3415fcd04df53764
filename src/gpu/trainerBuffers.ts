// GPU buffers of one training run: the state that outlives a step, and the scratch of a step. Converts
// the state from and to plain arrays; records nothing.
import { deadLatents, type AdamMoments, type TrainerState } from '../core/trainerState';
import { createBufferSet, readF32, readU32, type BufferSet } from './buffers';
import type { GpuContext } from './device';
import { deadBuffer } from './kernels/deadUpdate';
import { METRICS_WORDS } from './kernels/stepStats';
import { padColumns, strideOf } from './latentMajor';
import { ENTRY_WORDS, type TrainerPlan } from './trainerPlan';

export type TrainerBuffers = {
  /** [d_sae, dStride], latent-major */
  W_enc: GPUBuffer;
  W_dec: GPUBuffer;
  /** [d_sae, 2, dStride]: Adam's m, v per row */
  momentsEnc: GPUBuffer;
  momentsDec: GPUBuffer;
  /** [3, d_sae]: b_enc, m, v */
  encoderBias: GPUBuffer;
  /** [3, dStride]: b_dec, m, v */
  decoderBias: GPUBuffer;
  tokensSinceFired: GPUBuffer;
  /** count, indirect arguments, list: dead_update.wgsl */
  dead: GPUBuffer;
  /** [2·rows, dStride]; the second half is AuxK's */
  gradient: GPUBuffer;
  /** [rows, k] */
  preActGrad: GPUBuffer;
  /** [rows, k_aux], as are the next two */
  auxPreActGrad: GPUBuffer;
  auxIndices: GPUBuffer;
  auxActs: GPUBuffer;
  rowStats: GPUBuffer;
  auxRowStats: GPUBuffer;
  columnMoments: GPUBuffer;
  errorVariance: GPUBuffer;
  counts: GPUBuffer;
  slots: GPUBuffer;
  csc: GPUBuffer;
  encoderPath: GPUBuffer;
  metrics: GPUBuffer;
  /** ring rows of the step */
  rowIndices: GPUBuffer;
};

export function createTrainerBuffers(
  context: GpuContext,
  plan: TrainerPlan,
  state: TrainerState,
): { set: BufferSet; buffers: TrainerBuffers } {
  const set = createBufferSet(context, 'sae_trainer');
  const { rows, d_in, d_sae, k, k_aux, dStride } = plan;
  const words = (label: string, count: number) => set.storage(label, 4 * count);
  const dead = deadLatents(state.tokensSinceFired, plan.deadAfter);
  const { adam } = state;
  const buffers: TrainerBuffers = {
    W_enc: set.storage('W_enc', padColumns(state.W_enc, d_in)),
    W_dec: set.storage('W_dec', padColumns(state.W_dec, d_in)),
    momentsEnc: set.storage('momentsEnc', interleaveRows(adam.W_enc, d_in)),
    momentsDec: set.storage('momentsDec', interleaveRows(adam.W_dec, d_in)),
    encoderBias: set.storage('encoderBias', stack(state.b_enc, adam.b_enc, d_sae)),
    decoderBias: set.storage('decoderBias', stack(state.b_dec, adam.b_dec, dStride)),
    tokensSinceFired: set.storage('tokensSinceFired', state.tokensSinceFired),
    dead: set.storage('dead', deadBuffer(dead, plan), GPUBufferUsage.INDIRECT),
    gradient: words('gradient', 2 * rows * dStride),
    preActGrad: words('preActGrad', rows * k),
    auxPreActGrad: words('auxPreActGrad', rows * k_aux),
    auxIndices: words('auxIndices', rows * k_aux),
    auxActs: words('auxActs', rows * k_aux),
    rowStats: words('rowStats', 2 * rows),
    auxRowStats: words('auxRowStats', 2 * rows),
    columnMoments: words('columnMoments', 2 * plan.rowParts * dStride),
    errorVariance: words('errorVariance', 1),
    counts: words('counts', d_sae),
    slots: words('slots', plan.slots),
    csc: words('csc', plan.entriesAt + ENTRY_WORDS * plan.slots),
    encoderPath: words('encoderPath', plan.latentParts * dStride),
    metrics: words('metrics', METRICS_WORDS),
    rowIndices: words('rowIndices', rows),
  };
  return { set, buffers };
}

/** The exact state after the last enqueued step; `step` is the caller's count. */
export async function readTrainerState(
  context: GpuContext,
  plan: TrainerPlan,
  buffers: TrainerBuffers,
  step: number,
): Promise<TrainerState> {
  const { d_in, d_sae, dStride } = plan;
  const matrix = d_sae * dStride;
  // One snapshot: these copies are enqueued together, before any await lets another step in.
  const [W_enc, W_dec, momentsEnc, momentsDec, encoderBias, decoderBias, tokensSinceFired] =
    await Promise.all([
      readF32(context, buffers.W_enc, matrix),
      readF32(context, buffers.W_dec, matrix),
      readF32(context, buffers.momentsEnc, 2 * matrix),
      readF32(context, buffers.momentsDec, 2 * matrix),
      readF32(context, buffers.encoderBias, 3 * d_sae),
      readF32(context, buffers.decoderBias, 3 * dStride),
      readU32(context, buffers.tokensSinceFired, d_sae),
    ]);
  const encoder = unstack(encoderBias, d_sae);
  const decoder = unstack(decoderBias, d_in);
  return {
    step,
    W_enc: cutColumns(W_enc, d_in),
    W_dec: cutColumns(W_dec, d_in),
    b_enc: encoder.values,
    b_dec: decoder.values,
    adam: {
      W_enc: splitRows(momentsEnc, d_in),
      W_dec: splitRows(momentsDec, d_in),
      b_enc: encoder.moments,
      b_dec: decoder.moments,
    },
    tokensSinceFired,
  };
}

/** m, v [rows, cols] → [rows, 2, stride]. */
function interleaveRows({ m, v }: AdamMoments, cols: number): Float32Array {
  const stride = strideOf(cols);
  const rows = m.length / cols;
  const out = new Float32Array(rows * 2 * stride);
  for (let row = 0; row < rows; row++) {
    out.set(m.subarray(row * cols, (row + 1) * cols), 2 * row * stride);
    out.set(v.subarray(row * cols, (row + 1) * cols), (2 * row + 1) * stride);
  }
  return out;
}

function splitRows(interleaved: Float32Array, cols: number): AdamMoments {
  const stride = strideOf(cols);
  const rows = interleaved.length / (2 * stride);
  const m = new Float32Array(rows * cols);
  const v = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const from = 2 * row * stride;
    m.set(interleaved.subarray(from, from + cols), row * cols);
    v.set(interleaved.subarray(from + stride, from + stride + cols), row * cols);
  }
  return { m, v };
}

/** [rows, stride] → [rows, cols]. */
function cutColumns(padded: Float32Array, cols: number): Float32Array {
  const stride = strideOf(cols);
  if (stride === cols) return padded;
  const rows = padded.length / stride;
  const out = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    out.set(padded.subarray(row * stride, row * stride + cols), row * cols);
  }
  return out;
}

/** Vector, m, v, each padded to `stride`. */
function stack(values: Float32Array, { m, v }: AdamMoments, stride: number): Float32Array {
  const out = new Float32Array(3 * stride);
  out.set(values, 0);
  out.set(m, stride);
  out.set(v, 2 * stride);
  return out;
}

function unstack(
  stacked: Float32Array,
  length: number,
): { values: Float32Array; moments: AdamMoments } {
  const stride = stacked.length / 3;
  const part = (i: number) => stacked.slice(i * stride, i * stride + length);
  return { values: part(0), moments: { m: part(1), v: part(2) } };
}
