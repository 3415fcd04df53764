// Reads the sparse code from the GPU at inference: k slots a row for TopK, or as many as the row with most
// active latents needs for other architectures. Knows neither the encoder's input nor its weights.
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../core/sae/sae';
import type { BufferSet } from '../device/buffers';
import type { GpuContext } from '../device/device';
import { packUniform } from '../device/uniformStruct';
import { activeRule, prepareActiveRow, type RuledParams } from '../kernels/activeRow';
import { CHUNK } from '../kernels/chunks';
import { sliceRows, type SaeForward } from './saeForward';

/** One step's code and the most active latents of a row of it. */
type StepCode = { code: SparseCode; most: number };

export type CodeReader = {
  reset: (encoder: GPUCommandEncoder) => void;
  /** Records the passes after the chunk's encode, while its preActs exist. */
  select: (pass: GPUComputePassEncoder, chunk: number, rows: number) => void;
  /** Records the copies; the result reads them after the encoder is submitted. */
  stage: (encoder: GPUCommandEncoder, rows: number) => () => Promise<StepCode>;
  /** true if a row did not fit: there are more slots now, and everything must run again. */
  grow: (codes: readonly StepCode[]) => Promise<boolean>;
  join: (codes: readonly StepCode[]) => SparseCode;
};

type ReaderOptions = {
  params: SaeParams;
  forward: SaeForward;
  stepRows: number;
  capacity?: number;
};

/** Initial slots per row for architectures without k. */
const FIRST_CAPACITY = 64;

export async function createCodeReader(
  context: GpuContext,
  set: BufferSet,
  o: ReaderOptions,
): Promise<CodeReader> {
  const { params } = o;
  if (params.architecture === 'topk') return topkReader(context, o.forward, params.k);
  return ruledReader(context, set, { ...o, params });
}

function topkReader(context: GpuContext, forward: SaeForward, k: number): CodeReader {
  const { latentIndices, latentActs } = forward.buffers;
  return {
    reset: () => undefined,
    select: () => undefined,
    stage: (encoder, rows) => {
      const staged = [latentIndices, latentActs].map((buffer) =>
        context.staging.stage(encoder, buffer, rows * k * 4),
      );
      return async () => {
        const [indices, acts] = await Promise.all(staged.map((copy) => copy.read()));
        return { code: codeOf(k, indices!, acts!), most: k };
      };
    },
    grow: () => Promise.resolve(false),
    join: (codes) => joinCodes(codes, k),
  };
}

async function ruledReader(
  context: GpuContext,
  set: BufferSet,
  o: ReaderOptions & { params: RuledParams },
): Promise<CodeReader> {
  const { params, forward, stepRows } = o;
  const rule = set.storage('rule', activeRule(params));
  const most = set.storage('most', 4);
  const chunks = forward.plan.chunks.map((_, i) =>
    set.uniform(`active chunk ${i}`, CHUNK.byteLength),
  );
  const make = async (capacity: number) => {
    const kernel = await prepareActiveRow(context, forward.plan, { ...params, capacity });
    const latentIndices = set.storage('latentIndices', stepRows * capacity * 4);
    const latentActs = set.storage('latentActs', stepRows * capacity * 4);
    const bound = forward.plan.chunks.map((chunk, i) =>
      kernel.bind({
        preActs: forward.buffers.preActs,
        rule,
        latentIndices: sliceRows(latentIndices, chunk, capacity * 4),
        latentActs: sliceRows(latentActs, chunk, capacity * 4),
        most,
        chunk: chunks[i]!,
      }),
    );
    return { capacity, latentIndices, latentActs, bound };
  };
  let slots = await make(Math.min(o.capacity ?? FIRST_CAPACITY, params.d_sae));
  return {
    reset: (encoder) => {
      encoder.clearBuffer(most);
    },
    select: (pass, chunk, rows) => {
      context.device.queue.writeBuffer(chunks[chunk]!, 0, packUniform(CHUNK, { rows }));
      slots.bound[chunk]!.encode(pass, { rows });
    },
    stage: (encoder, rows) => {
      const { capacity, latentIndices, latentActs } = slots;
      const byteLength = rows * capacity * 4;
      const staged = [
        context.staging.stage(encoder, most, 4),
        context.staging.stage(encoder, latentIndices, byteLength),
        context.staging.stage(encoder, latentActs, byteLength),
      ];
      return async () => {
        const [count, indices, acts] = await Promise.all(staged.map((copy) => copy.read()));
        return { code: codeOf(capacity, indices!, acts!), most: new Uint32Array(count!)[0]! };
      };
    },
    grow: async (codes) => {
      const needed = mostOf(codes);
      if (needed <= slots.capacity) return false;
      const old = slots;
      slots = await make(Math.min(params.d_sae, Math.ceil((needed * 1.25) / 32) * 32));
      set.release(old.latentIndices);
      set.release(old.latentActs);
      return true;
    },
    join: (codes) => joinCodes(codes, mostOf(codes)),
  };
}

function mostOf(codes: readonly StepCode[]): number {
  return codes.reduce((most, code) => Math.max(most, code.most), 0);
}

function codeOf(k: number, indices: ArrayBuffer, acts: ArrayBuffer): SparseCode {
  return { k, latentIndices: new Uint32Array(indices), latentActs: new Float32Array(acts) };
}

/** All steps' rows in order, with `k` slots each. */
function joinCodes(codes: readonly StepCode[], k: number): SparseCode {
  const rowsOf = ({ code }: StepCode) => (code.k === 0 ? 0 : code.latentIndices.length / code.k);
  const rows = codes.reduce((sum, code) => sum + rowsOf(code), 0);
  const latentIndices = new Uint32Array(rows * k).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k);
  let at = 0;
  for (const step of codes) {
    const { code } = step;
    for (let row = 0; row < rowsOf(step); row++, at += k) {
      const slots = [row * code.k, row * code.k + k] as const;
      latentIndices.set(code.latentIndices.subarray(...slots), at);
      latentActs.set(code.latentActs.subarray(...slots), at);
    }
  }
  return { k, latentIndices, latentActs };
}
