// The encode half of an SAE step on the GPU: centred rows in, sparse code out, chunk by chunk. Serves the
// trainer and inference alike; knows neither loss nor decoder.
import { elementAt } from '../../core/elementAt';
import { invariant } from '../../core/errors';
import { createBufferSet, writeBuffer, type BufferSet } from '../device/buffers';
import type { BindingSource } from '../device/bindingLayout';
import type { Dispatch } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import {
  cutRows,
  makeForwardPlan,
  type ForwardPlan,
  type ForwardShape,
  type RowChunk,
} from './forwardPlan';
import { tuneEncode, type EncodeTuning } from './encodeTuner';
import type { LatentShard } from './latentShards';
import { packUniform } from '../device/uniformStruct';
import { SHARD } from '../kernels/chunks';
import {
  prepareEncode,
  shardColumns,
  type EncodePrecision,
  type EncodeTile,
} from '../kernels/saeEncode';
import { scaleCode } from '../kernels/scaleCode';
import { prepareTopkFallback } from '../kernels/topkFallback';
import { prepareTopkRow } from '../kernels/topkRow';

/** u32 words of `counters`, padded to a vec4. */
const COUNTER_WORDS = 4;

type ForwardBuffers = {
  /** [rows, dStride] f32: rows to encode, centred where the SAE centres; written by `gather` */
  xc: GPUBuffer;
  /** [chunkRows, nStride] f32, unclamped: pre-activations of the chunk encoded last */
  preActs: GPUBuffer;
  /** [chunkRows, groups] f32: maxima over plan.groupWidth columns each, of the same chunk */
  groupMax: GPUBuffer;
  /** [rows, k] u32, largest pre-activation first, EMPTY_SLOT where unused; empty where `select` is 'none' */
  latentIndices: GPUBuffer;
  /** [rows, k] f32, 0 where unused */
  latentActs: GPUBuffer;
  /** u32: [0] pre-activations that were NaN, [1] rows that overflowed, both since the last reset */
  counters: GPUBuffer;
};

export type ForwardWeights = {
  /** [count, dStride] of each shard of the plan, latent-major, f32 unless `precision` says otherwise */
  W_enc: readonly BindingSource[];
  /** [d_sae] f32 */
  b_enc: BindingSource;
  /** [d_sae] f32, factors of the selected latents' activations; null or absent: 1 everywhere */
  actScale?: BindingSource | null;
};

export type SaeForward = {
  plan: ForwardPlan;
  buffers: ForwardBuffers;
  /** Rows of the steps submitted from now on, at most `plan.rows` (the value at creation). */
  setRows: (rows: number) => void;
  /** Chunks of such a step, in order. */
  chunks: () => readonly RowChunk[];
  /** Zeroes counters and overflow lists; record it before the pass of each step. */
  reset: (encoder: GPUCommandEncoder) => void;
  /** Records encode, topk_row, topk_fallback and scale_code of one chunk. preActs holds it until the next one is
   *  encoded. */
  encodeChunk: (pass: GPUComputePassEncoder, index: number) => void;
  /** The same, to be recorded later. */
  chunkDispatches: (index: number) => Dispatch[];
  byteLength: () => number;
  dispose: () => void;
};

export type ForwardOptions = {
  label?: string;
  /** forces a tiled variant of encode */
  tile?: EncodeTile | undefined;
  /** of W_enc; default f32 */
  precision?: EncodePrecision;
  /** candidates before a row overflows; tests lower it */
  candidateCap?: number;
  /** encode only: only preActs and groupMax are computed */
  select?: 'none';
  /** of the weights; default: as few as hold W_enc */
  shards?: readonly LatentShard[];
  /** measures tiles of encode where none is forced; W_enc in f32 */
  tuning?: EncodeTuning | undefined;
};

/** Throws ConfigError if the shape does not fit this device. */
export async function createSaeForward(
  context: GpuContext,
  shape: ForwardShape,
  weights: ForwardWeights,
  o: ForwardOptions = {},
): Promise<SaeForward> {
  const plan = makeForwardPlan(context.caps, shape, o);
  const set = createBufferSet(context, o.label ?? 'sae_forward');
  try {
    const buffers = allocate(set, plan);
    const { tuning } = o;
    const tile =
      o.tile ??
      (tuning &&
        (await tuneEncode(context, {
          plan,
          tuning,
          places: { ...buffers, ...weights, W_enc: elementAt(weights.W_enc, 0) },
        })));
    const kernels = await prepareKernels(context, plan, weights, { ...o, tile });
    const shardUniforms = plan.shards.map((shard, i) =>
      set.uniform(`shard ${i}`, packUniform(SHARD, shard)),
    );
    const recorders = plan.chunks.map((chunk, index) =>
      makeRecorder({ plan, kernels, set, buffers, weights, shardUniforms, chunk, index }),
    );
    return makeForward(context, { plan, set, buffers, recorders });
  } catch (cause) {
    set.dispose();
    throw cause;
  }
}

function makeForward(
  context: GpuContext,
  o: { plan: ForwardPlan; set: BufferSet; buffers: AllBuffers; recorders: ChunkRecorder[] },
): SaeForward {
  const { plan, set, buffers, recorders } = o;
  let chunks = plan.chunks;
  const chunkDispatches = (index: number) => {
    const chunk = chunks[index];
    invariant(chunk !== undefined, `chunk ${index} of ${chunks.length}`);
    return recorders[index]!.dispatches(chunk.rows);
  };
  return {
    plan,
    buffers,
    setRows: (rows) => {
      invariant(rows > 0 && rows <= plan.rows, `step of ${rows} rows, planned for ${plan.rows}`);
      chunks = cutRows(rows, plan.chunkRows);
      chunks.forEach((chunk, index) => {
        const counts = new Uint32Array([chunk.rows]);
        writeBuffer(context, recorders[index]!.uniform, counts);
        writeBuffer(context, recorders[index]!.allRows, counts);
      });
    },
    chunks: () => chunks,
    reset: (encoder) => {
      encoder.clearBuffer(buffers.counters);
      encoder.clearBuffer(buffers.overflow);
    },
    encodeChunk: (pass, index) => {
      for (const { record } of chunkDispatches(index)) record(pass);
    },
    chunkDispatches,
    byteLength: set.byteLength,
    dispose: set.dispose,
  };
}

type Kernels = Awaited<ReturnType<typeof prepareKernels>>;
type AllBuffers = ReturnType<typeof allocate>;

async function prepareKernels(
  context: GpuContext,
  plan: ForwardPlan,
  { actScale = null }: ForwardWeights,
  o: ForwardOptions,
) {
  const guided = plan.select === 'groups';
  const isScaled = plan.select !== 'none' && actScale !== null;
  const [encode, topkRow, fallback, scale] = await Promise.all([
    prepareEncode(context, plan, { tile: o.tile, precision: o.precision }),
    guided ? prepareTopkRow(context, plan) : null,
    plan.select === 'none' ? null : prepareTopkFallback(context, plan, guided ? 'listed' : 'all'),
    isScaled ? scaleCode.prepare(context, { overrides: { k: plan.k } }) : null,
  ]);
  return { encode, topkRow, fallback, scale };
}

/** Bytes of one chunk's overflow list: 4 words of indirect arguments, then rows; bindable on its own. */
function listBytes(plan: ForwardPlan): number {
  return Math.ceil((16 + 4 * plan.chunkRows) / 256) * 256;
}

function allocate(set: BufferSet, plan: ForwardPlan) {
  const { rows, chunkRows } = plan;
  const k = plan.select === 'none' ? 0 : plan.k;
  const overflowBytes = plan.chunks.length * listBytes(plan);
  return {
    xc: set.storage('xc', rows * plan.dStride * 4),
    preActs: set.storage('preActs', chunkRows * plan.nStride * 4),
    groupMax: set.storage('groupMax', chunkRows * plan.groups * 4),
    latentIndices: set.storage('latentIndices', rows * k * 4),
    latentActs: set.storage('latentActs', rows * k * 4),
    counters: set.storage('counters', COUNTER_WORDS * 4),
    overflow: set.storage('overflow', overflowBytes, GPUBufferUsage.INDIRECT),
  } satisfies ForwardBuffers & Record<string, GPUBuffer>;
}

type ChunkRecorder = {
  /** {rows} of this chunk, as a uniform and as storage */
  uniform: GPUBuffer;
  allRows: GPUBuffer;
  dispatches: (rows: number) => Dispatch[];
};

type ChunkParts = {
  plan: ForwardPlan;
  kernels: Kernels;
  set: BufferSet;
  buffers: AllBuffers;
  weights: ForwardWeights;
  shardUniforms: readonly GPUBuffer[];
  chunk: RowChunk;
  index: number;
};

function makeRecorder(o: ChunkParts): ChunkRecorder {
  const { plan, kernels, set, buffers, chunk, index } = o;
  const { preActs, groupMax, counters } = buffers;
  const counts = new Uint32Array([chunk.rows, 0, 0, 0]);
  const uniform = set.uniform(`chunk ${index}`, counts);
  const allRows = set.storage(`rows of chunk ${index}`, counts);
  const xc = sliceRows(buffers.xc, chunk, plan.dStride * 4);
  const { W_enc, b_enc } = o.weights;
  const encode = plan.shards.map((shard, i) => {
    const bound = kernels.encode.bind({
      W_enc: elementAt(W_enc, i),
      b_enc,
      xc,
      preActs,
      groupMax,
      counters,
      chunk: uniform,
      shard: elementAt(o.shardUniforms, i),
    });
    return (rows: number) => bound.dispatch({ rows, columns: shardColumns(shard) });
  });
  const select = bindSelect({ ...o, uniform, allRows });
  return {
    uniform,
    allRows,
    dispatches: (rows) => [...encode.map((dispatch) => dispatch(rows)), ...select(rows)],
  };
}

/** topk_row, topk_fallback and scale_code of one chunk; nothing if the caller selects. */
function bindSelect(
  o: ChunkParts & { uniform: GPUBuffer; allRows: GPUBuffer },
): (rows: number) => Dispatch[] {
  const { plan, kernels, buffers, chunk, index } = o;
  if (kernels.fallback === null) return () => [];
  const { preActs, groupMax, counters } = buffers;
  const code = {
    latentIndices: sliceRows(buffers.latentIndices, chunk, plan.k * 4),
    latentActs: sliceRows(buffers.latentActs, chunk, plan.k * 4),
  };
  const listOffset = index * listBytes(plan);
  const list = { buffer: buffers.overflow, offset: listOffset, size: listBytes(plan) };
  const select = kernels.topkRow?.bind({
    ...code,
    preActs,
    groupMax,
    overflow: list,
    counters,
    chunk: o.uniform,
  });
  const overflow = select === undefined ? o.allRows : list;
  const fallback = kernels.fallback.bind({ ...code, preActs, overflow });
  const { actScale = null } = o.weights;
  const scale =
    actScale === null ? undefined : kernels.scale?.bind({ ...code, actScale, chunk: o.uniform });
  return (rows) => [
    ...(select === undefined
      ? [fallback.dispatch({ rows })]
      : [select.dispatch({ rows }), fallback.dispatchIndirect(buffers.overflow, listOffset)]),
    ...(scale === undefined ? [] : [scale.dispatch({ slots: rows * plan.k })]),
  ];
}

/** The chunk's rows of a buffer with `rowBytes` a row. */
export function sliceRows(buffer: GPUBuffer, chunk: RowChunk, rowBytes: number) {
  return { buffer, offset: chunk.firstRow * rowBytes, size: chunk.rows * rowBytes };
}
