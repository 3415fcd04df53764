// The encode half on the processor: pre-activations of a few rows at a time, so that they stay in the cache,
// and the selection from them. Shared by training and inference.
import { LOWEST_F32 } from '../../core/reference/saeEncode';
import type { Arena } from '../arena';
import type { Address } from '../kernels';
import { rangesOf } from '../kernelThreads';

/** Rows whose pre-activations exist at once. */
export const CHUNK_ROWS = 64;
/** Rows of a panel of inputs and of weights (wasm/product.ts). */
const INPUT_PANEL = 4;
const WEIGHT_PANEL = 8;
/** Columns multiplied at a time: a panel of weights then fits the first cache. */
const K_BLOCK = 512;
/** Columns of preActs are padded to whole groups of the widest kind. */
const MAX_GROUP = 64;

export type ForwardPart =
  'packedWeights' | 'packedInput' | 'bias' | 'preActs' | 'maxima' | 'counts';
type Shape = { d_in: number; d_sae: number };

/** Words of the forward pass' parts of an arena that so many threads use. */
export function forwardWords({ d_in, d_sae }: Shape, threads: number): Record<ForwardPart, number> {
  const stride = preActStride(d_sae);
  return {
    packedWeights: roundUp(d_sae, WEIGHT_PANEL) * d_in,
    packedInput: CHUNK_ROWS * d_in,
    bias: stride,
    preActs: CHUNK_ROWS * stride,
    maxima: threads * stride,
    counts: CHUNK_ROWS,
  };
}

export function preActStride(d_sae: number): number {
  return roundUp(d_sae, MAX_GROUP);
}

export type CpuForward = {
  /** words per row of preActs */
  stride: number;
  /** W: value (latent, i) at word latent · rowStride + i · colStride; b_enc: [d_sae]. */
  setWeights: (W: Address, rowStride: number, colStride: number, b_enc: Float32Array) => void;
  /** The same from W_enc [d_in, d_sae] outside of the arena. */
  loadWeights: (W_enc: Float32Array, b_enc: Float32Array) => void;
  /** preActs of at most CHUNK_ROWS rows of `rowStride` words; returns how many were NaN. */
  encode: (rows: Address, rowStride: number, count: number) => number;
  /** [stride] of one row of the chunk encoded last */
  preActsOf: (row: number) => Address;
  /** The k strongest positive latents of each of the chunk's first `rows` rows, strongest first, rows one after
   *  another; indices and acts have room for k a row. Returns how many each row has. */
  topk: (rows: number, k: number, indices: Address, acts: Address) => Uint32Array;
};

export function makeForward(arena: Arena<ForwardPart>, { d_in, d_sae }: Shape): CpuForward {
  const { kernels, at, f32, u32, threads } = arena;
  const stride = preActStride(d_sae);
  const latents = roundUp(d_sae, WEIGHT_PANEL);
  f32.bias.fill(LOWEST_F32);
  const preActsOf = (row: number) => at.preActs + 4 * row * stride;
  const blocks = Array.from({ length: Math.ceil(d_in / K_BLOCK) }, (_, i) => {
    const first = i * K_BLOCK;
    return { first, k: Math.min(K_BLOCK, d_in - first) };
  });
  const panels = rangesOf(latents, threads, WEIGHT_PANEL);
  return {
    stride,
    setWeights: (W, rowStride, colStride, b_enc) => {
      f32.bias.set(b_enc);
      for (const { first, k } of blocks) {
        const out = at.packedWeights + 4 * first * latents;
        const from = W + 4 * first * colStride;
        kernels.pack(from, rowStride, colStride, d_sae, k, WEIGHT_PANEL, out);
      }
    },
    loadWeights: (W_enc, b_enc) => {
      f32.bias.set(b_enc);
      let out = 0;
      for (const { first, k } of blocks) {
        for (let panel = 0; panel < latents; panel += WEIGHT_PANEL) {
          const width = Math.min(WEIGHT_PANEL, d_sae - panel);
          for (let i = first; i < first + k; i++) {
            const from = i * d_sae + panel;
            f32.packedWeights.set(W_enc.subarray(from, from + width), out);
            out += WEIGHT_PANEL;
          }
        }
      }
    },
    encode: (rows, rowStride, count) => {
      for (let row = 0; row < count; row++) f32.preActs.set(f32.bias, row * stride);
      for (const { first, k } of blocks) {
        kernels.pack(rows + 4 * first, rowStride, 1, count, k, INPUT_PANEL, at.packedInput);
        const weights = at.packedWeights + 4 * first * latents;
        const parts = panels.map(([from, end]) => {
          const [panel, out] = [weights + 4 * from * k, at.preActs + 4 * from];
          return [count, end - from, k, at.packedInput, panel, out, stride] as const;
        });
        arena.run('product', parts);
      }
      return kernels.trapNaN(at.preActs, count * stride);
    },
    preActsOf,
    topk: (rows, k, indices, acts) => {
      const width = groupWidth(d_sae, k);
      const ranges = rangesOf(rows, threads);
      const parts = ranges.map(([first, end], part) => {
        const slots = 4 * first * k;
        const maxima = at.maxima + 4 * part * stride;
        const from = [preActsOf(first), end - first, stride, k, width, maxima] as const;
        return [...from, indices + slots, acts + slots, at.counts + 4 * first] as const;
      });
      arena.run('topkRows', parts);
      const counts = u32.counts.subarray(0, rows);
      joinParts(u32.counts.buffer, { ranges, counts, k, indices, acts });
      return counts;
    },
  };
}

/** Moves each part's slots to where the part before it ends. */
function joinParts(
  memory: ArrayBufferLike,
  o: {
    ranges: readonly [number, number][];
    counts: Uint32Array;
    k: number;
    indices: Address;
    acts: Address;
  },
): void {
  let end = 0;
  for (const [first, last] of o.ranges) {
    let used = 0;
    for (let row = first; row < last; row++) used += o.counts[row]!;
    for (const address of end === first * o.k ? [] : [o.indices, o.acts]) {
      const words = new Uint32Array(memory, address, first * o.k + used);
      words.copyWithin(end, first * o.k);
    }
    end += used;
  }
}

/** Largest power of two within n/(4k), so that k groups are about a quarter of all; at least 4. */
export function groupWidth(d_sae: number, k: number): number {
  let width = MAX_GROUP;
  while (width > 4 && width > d_sae / (4 * k)) width /= 2;
  return width;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
