// Sizes of one training run on the GPU, beyond those of its forward pass: pure arithmetic over the
// configuration and a device's caps; allocates nothing.
import { ConfigError } from '../../core/errors';
import { keepsPerRow } from '../../core/sae/architecture';
import { keptPerBatch, type SparseConfig } from '../../core/sae/sae';
import type { GpuCaps } from '../device/device';
import { makeForwardPlan, type ForwardPlan } from '../sae/forwardPlan';
import { cutLatents } from '../sae/latentShards';
import { strideOf } from '../sae/latentMajor';

export type TrainerPlan = {
  forward: ForwardPlan;
  /** B */
  rows: number;
  d_in: number;
  d_sae: number;
  /** slots of the main code: rows · k of TopK, ⌊k·B⌋ of the batch otherwise */
  mainSlots: number;
  /** nested prefixes with a loss of their own; 1 except for Matryoshka */
  levels: number;
  /** words of one row of rowStats */
  rowWords: number;
  /** slots of AuxK per row; 0 where AuxK is off */
  k_aux: number;
  dStride: number;
  /** vec4 per row */
  d4: number;
  /** rows per part of column_moments, latents per part of bdec_grad */
  partRows: number;
  partLatents: number;
  rowParts: number;
  latentParts: number;
  /** slots of a step: mainSlots + rows · k_aux */
  slots: number;
  /** first word of the entries in csc, after d_sae + 1 offsets */
  entriesAt: number;
  /** entries of a block of csc (parts/list_blocks.wgsl), and how many blocks a step has at most */
  blockEntries: number;
  blocks: number;
  /** first word of the blocks' sums in csc, after the entries */
  blocksAt: number;
  cscWords: number;
  /** entries up to which a list is sorted by counting ranks; longer ones by a bitmap of gradient rows, of so many words */
  longestCounted: number;
  bitmapWords: number;
  deadAfter: number;
  config: SparseConfig;
};

const PART_ROWS = 64;
const PART_LATENTS = 64;
/** Words of one entry of csc: gradient row, act, ∂L/∂preAct. */
const ENTRY_WORDS = 3;
/** A list is some ten entries long (B·k/n), so blocks are summed apart only of latents that fire far more often. */
const BLOCK_ENTRIES = 128;
/** tokensSinceFired stops one below this. */
const U32_MAX = 0xffffffff;

/** Throws ConfigError if a buffer exceeds one binding of this device, or a row its workgroup memory. */
export function makeTrainerPlan(caps: GpuCaps, config: SparseConfig): TrainerPlan {
  const { d_in, d_sae, batchSize: rows } = config;
  const isTopK = keepsPerRow(config);
  const levels = config.architecture === 'matryoshka' ? config.widths.length : 1;
  const shape = { rows, d_in, d_sae, k: Math.ceil(config.k) };
  const dStride = strideOf(d_in);
  // m and v of one matrix lie in one binding, so they decide how the weights are cut, too.
  const shards = cutLatents(caps, { d_in, d_sae, rowBytes: 8 * dStride });
  const select = isTopK ? {} : { select: 'none' as const };
  const forward = makeForwardPlan(caps, shape, { ...select, shards });
  const k_aux = config.auxKScale > 0 ? config.k_aux : 0;
  const mainSlots = keptPerBatch(config);
  const slots = mainSlots + rows * k_aux;
  const entriesAt = Math.ceil((d_sae + 1) / 4) * 4;
  checkRow(caps, dStride, Math.max(isTopK ? config.k : 0, k_aux));
  checkBinding(caps, {
    field: 'batchSize',
    what: `the gradients of ${rows} rows of width ${d_in}`,
    bytes: (levels + 1) * rows * dStride * 4,
  });
  checkBinding(caps, {
    field: 'batchSize',
    what: `the sparse code of ${rows} rows with ${config.k + k_aux} slots`,
    bytes: 4 * (entriesAt + ENTRY_WORDS * slots),
  });
  const blockPlan = planBlocks(caps, { slots, dStride, blocksAt: entriesAt + ENTRY_WORDS * slots });
  return {
    forward,
    rows,
    d_in,
    d_sae,
    mainSlots,
    levels,
    rowWords: isTopK ? 2 : 3,
    k_aux,
    dStride,
    d4: dStride / 4,
    partRows: PART_ROWS,
    partLatents: PART_LATENTS,
    rowParts: Math.ceil(rows / PART_ROWS),
    latentParts: Math.ceil(d_sae / PART_LATENTS),
    slots,
    entriesAt,
    ...blockPlan,
    ...planSort(caps, { longest: longestList({ rows, k_aux }), gradientRows: (levels + 1) * rows }),
    deadAfter: Math.min(config.deadAfterTokens, U32_MAX),
    config,
  };
}

/** Blocks as short as one binding allows. */
function planBlocks(
  caps: GpuCaps,
  { slots, dStride, blocksAt }: { slots: number; dStride: number; blocksAt: number },
): Pick<TrainerPlan, 'blockEntries' | 'blocks' | 'blocksAt' | 'cscWords'> {
  for (let blockEntries = BLOCK_ENTRIES; ; blockEntries *= 2) {
    const blocks = Math.floor(slots / blockEntries);
    const cscWords = blocksAt + blocks * (2 * dStride + 4);
    if (blocks === 0 || 4 * cscWords <= caps.storageBindingBytes) {
      return { blockEntries, blocks, blocksAt, cscWords };
    }
  }
}

/** Lists longer than this are sorted by a bitmap, if any can be, and if it fits workgroup memory (two words for 32 rows,
 *  beside the counts of the lanes). */
const LONGEST_COUNTED = 256;

function planSort(
  caps: GpuCaps,
  { longest, gradientRows }: { longest: number; gradientRows: number },
): Pick<TrainerPlan, 'longestCounted' | 'bitmapWords'> {
  const bitmapWords = Math.ceil(gradientRows / 32);
  const fits = 8 * bitmapWords + 1024 <= caps.workgroupStorageBytes;
  return { longestCounted: fits ? Math.min(LONGEST_COUNTED, longest) : longest, bitmapWords };
}

/** A latent is at most once in a row, and once more as AuxK's. */
export function longestList({ rows, k_aux }: Pick<TrainerPlan, 'rows' | 'k_aux'>): number {
  return rows * (k_aux > 0 ? 2 : 1);
}

/** decode_row keeps one row of gradient, a loss per lane and at least one word per slot. */
function checkRow(caps: GpuCaps, dStride: number, slots: number): void {
  const bytes = rowMemory(dStride, slots, 1);
  if (bytes <= caps.workgroupStorageBytes) return;
  throw new ConfigError(
    `d_in: a row of ${dStride} values and ${slots} slots needs ${bytes} bytes of workgroup memory; this adapter has ${caps.workgroupStorageBytes}`,
    'd_in',
  );
}

function rowMemory(dStride: number, slots: number, parts: number): number {
  return 4 * dStride + 4 * 64 + 4 * slots * parts;
}

/** Whether decode_row's dot products can be cut into `parts` within workgroup memory. */
export function fitsRow(caps: GpuCaps, dStride: number, slots: number, parts: number): boolean {
  return rowMemory(dStride, slots, parts) <= caps.workgroupStorageBytes;
}

function checkBinding(
  caps: GpuCaps,
  { field, what, bytes }: { field: string; what: string; bytes: number },
): void {
  if (bytes <= caps.storageBindingBytes) return;
  throw new ConfigError(
    `${field}: ${what} take ${bytes} bytes, one GPU binding of this adapter ${caps.storageBindingBytes}; choose a smaller ${field}`,
    field,
  );
}

/** First gradient row of the full-width error: that of the last level. */
export function errorRow({ levels, rows }: TrainerPlan): number {
  return (levels - 1) * rows;
}
