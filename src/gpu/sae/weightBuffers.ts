// GPU buffers of the state that persists between steps: parameters, Adam's moments, silence counters,
// running values; the same for every architecture. Converts them from and to plain arrays; records nothing.
import type { ExtraName } from '../../core/sae/stateShape';
import type { AdamMoments, TrainedVector, TrainerState } from '../../core/train/trainerState';
import { readF32, readU32, type BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import type { ParameterPlace } from './parameterPlace';
import { SHARD } from '../kernels/chunks';
import { padColumns, strideOf } from './latentMajor';
import { shardRows, type LatentShard } from './latentShards';
import { packUniform } from '../device/uniformStruct';

/** Both matrices of some latents, with Adam's moments. */
type MatrixBuffers = {
  /** [count, dStride], latent-major */
  W_enc: GPUBuffer;
  W_dec: GPUBuffer;
  /** [count, 2, dStride]: Adam's m, v per row */
  momentsEnc: GPUBuffer;
  momentsDec: GPUBuffer;
};

export type WeightShard = LatentShard &
  MatrixBuffers & {
    /** its uniform */
    range: GPUBuffer;
  };

export type WeightBuffers = {
  /** of all latents, ascending */
  shards: readonly WeightShard[];
  /** [3, d_sae]: b_enc, m, v */
  encoderBias: GPUBuffer;
  /** [3, dStride]: b_dec, m, v */
  decoderBias: GPUBuffer;
  tokensSinceFired: GPUBuffer;
  /** [3, d_sae] each: the architecture's own parameters, m, v */
  extra: Partial<Record<ExtraName, GPUBuffer>>;
  /** f32, at least one word */
  running: GPUBuffer;
};

/** What an architecture's own buffers hold of the state. */
export type ParameterState = Omit<TrainerState, 'averages'>;

type Sizes = { d_in: number; d_sae: number };

export function createWeightBuffers(
  set: BufferSet,
  { d_in, d_sae, shards }: Sizes & { shards: readonly LatentShard[] },
  state: TrainerState,
): WeightBuffers {
  const { adam } = state;
  const rowsOf = (matrix: Float32Array, shard: LatentShard) => shardRows(matrix, shard, d_in);
  const momentsOf = ({ m, v }: AdamMoments, shard: LatentShard) =>
    interleaveRows({ m: rowsOf(m, shard), v: rowsOf(v, shard) }, d_in);
  const extra: WeightBuffers['extra'] = {};
  for (const [name, vector] of extraOf(state)) {
    extra[name] = set.storage(name, stack(vector.values, vector, d_sae));
  }
  return {
    shards: shards.map((shard) => ({
      ...shard,
      range: set.uniform('shard', packUniform(SHARD, shard)),
      W_enc: set.storage('W_enc', padColumns(rowsOf(state.W_enc, shard), d_in)),
      W_dec: set.storage('W_dec', padColumns(rowsOf(state.W_dec, shard), d_in)),
      momentsEnc: set.storage('momentsEnc', momentsOf(adam.W_enc, shard)),
      momentsDec: set.storage('momentsDec', momentsOf(adam.W_dec, shard)),
    })),
    encoderBias: set.storage('encoderBias', stack(state.b_enc, adam.b_enc, d_sae)),
    decoderBias: set.storage('decoderBias', stack(state.b_dec, adam.b_dec, strideOf(d_in))),
    tokensSinceFired: set.storage('tokensSinceFired', state.tokensSinceFired),
    extra,
    running: set.storage('running', state.running),
  };
}

function extraOf({ extra }: TrainerState): [ExtraName, TrainedVector][] {
  return Object.entries(extra) as [ExtraName, TrainedVector][];
}

/** W_enc, W_dec and b_dec, for readers on the GPU. */
export function matrixParameters(
  { shards, decoderBias }: Pick<WeightBuffers, 'shards' | 'decoderBias'>,
  d_in: number,
): ParameterPlace[] {
  const stride = strideOf(d_in);
  const matrix = (name: 'W_enc' | 'W_dec') =>
    shards.map((shard) => ({
      name,
      buffer: shard[name],
      first: 0,
      count: shard.count * stride,
      cols: d_in,
    }));
  return [
    ...matrix('W_enc'),
    ...matrix('W_dec'),
    { name: 'b_dec', buffer: decoderBias, first: 0, count: stride, cols: d_in },
  ];
}

/** The exact state after the last enqueued step; `step` is the caller's count, `running` of `runningCount`
 *  values. */
export async function readWeights(
  context: GpuContext,
  buffers: WeightBuffers,
  o: Sizes & { step: number; runningCount: number },
): Promise<ParameterState> {
  const { d_in, d_sae } = o;
  const dStride = strideOf(d_in);
  /** A matrix of `perLatent` words a latent, shard by shard. */
  const whole = async (name: keyof MatrixBuffers, perLatent: number) => {
    const read = ({ count, ...shard }: WeightShard) =>
      readF32(context, shard[name], count * perLatent);
    return joined(await Promise.all(buffers.shards.map(read)));
  };
  const names = Object.keys(buffers.extra) as ExtraName[];
  // One snapshot: these copies are enqueued together, before any await lets another step in.
  const [W_enc, W_dec, momentsEnc, momentsDec, encoderBias, decoderBias, ...rest] =
    await Promise.all([
      whole('W_enc', dStride),
      whole('W_dec', dStride),
      whole('momentsEnc', 2 * dStride),
      whole('momentsDec', 2 * dStride),
      readF32(context, buffers.encoderBias, 3 * d_sae),
      readF32(context, buffers.decoderBias, 3 * dStride),
      readF32(context, buffers.running, o.runningCount),
      ...names.map((name) => readF32(context, buffers.extra[name]!, 3 * d_sae)),
      readU32(context, buffers.tokensSinceFired, d_sae),
    ]);
  const tokensSinceFired = rest.pop() as Uint32Array;
  const [running, ...extras] = rest as Float32Array[];
  const encoder = unstack(encoderBias, d_sae);
  const decoder = unstack(decoderBias, d_in);
  return {
    step: o.step,
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
    extra: Object.fromEntries(
      extras.map((stacked, i) => {
        const { values, moments } = unstack(stacked, d_sae);
        return [names[i]!, { values, ...moments }];
      }),
    ),
    running: running!,
  };
}

/** One after the other; what is whole already is not copied. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
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
export function cutColumns(padded: Float32Array, cols: number): Float32Array {
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
