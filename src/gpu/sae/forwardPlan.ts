// How the encode half of a step is cut: row chunks, padded widths, column groups. Pure arithmetic over a
// device's caps; allocates nothing.
import { MAX_K } from '../../core/sae/architecture';
import { ConfigError } from '../../core/errors';
import type { GpuCaps } from '../device/device';
import { cutLatents, type LatentShard } from './latentShards';
import { strideOf } from './latentMajor';

export type ForwardShape = {
  /** B: most rows of one step */
  rows: number;
  d_in: number;
  d_sae: number;
  k: number;
};

export type RowChunk = { firstRow: number; rows: number };

export type ForwardPlan = ForwardShape & {
  /** row stride of every [*, d_in] buffer of ours: d_in rounded up to 4; the tail holds 0 */
  dStride: number;
  /** row stride of preActs: d_sae rounded up to 64; the tail holds the lowest finite f32 */
  nStride: number;
  /** C: rows of preActs alive at once; a multiple of 64 unless there is one chunk */
  chunkRows: number;
  chunks: readonly RowChunk[];
  /** W_enc's latents, a buffer each: one where a binding holds them all */
  shards: readonly LatentShard[];
  /** s: columns per entry of groupMax, a power of two from 4 to 64 */
  groupWidth: number;
  /** entries of groupMax per row: nStride / s */
  groups: number;
  /** candidates topk_row can rank before a row overflows to topk_fallback */
  candidateCap: number;
  /** 'groups': topk_row from group maxima. 'full': every row by radix select, where there are too few
   *  groups for k, or too many for workgroup memory. 'none': the caller selects; k only sets the width
   *  of a group */
  select: 'groups' | 'full' | 'none';
  /** how topk_row finds the k-th group maximum: by counting ranks, or by radix select */
  bound: TopkBound;
};

export type TopkBound = 'count' | 'radix';

/** Columns of one encode tile; groups never cross it. */
const TILE_COLS = 64;
/** Keeps every chunk's byte offset a multiple of 256, whatever k and d. */
const CHUNK_STEP = 64;
/** Workgroup memory that every device has (kernels.md §4). */
const WORKGROUP_BYTES = 16_384;
/** Counting costs some 3·G² operations a row, radix select 56·G and a walk over bins by one lane that keeps the others
 *  waiting: equal at some 220 groups (kernels.md §1). */
const RADIX_GROUPS = 512;

export type ForwardPlanOptions = {
  candidateCap?: number;
  select?: 'none';
  bound?: TopkBound;
  /** default: as few as hold W_enc */
  shards?: readonly LatentShard[];
};

/** Throws ConfigError if 64 rows of a matrix exceed one binding of this device, or k exceeds 1,024. */
export function makeForwardPlan(
  caps: Pick<GpuCaps, 'storageBindingBytes'>,
  shape: ForwardShape,
  o: ForwardPlanOptions = {},
): ForwardPlan {
  const { rows, d_in, d_sae, k } = shape;
  if (k > Math.min(MAX_K, d_sae)) {
    const most = Math.min(MAX_K, d_sae);
    throw new ConfigError(`k must be at most ${most} on the GPU: k ${k}, d_sae ${d_sae}`, 'k');
  }
  const dStride = strideOf(d_in);
  const nStride = roundUp(d_sae, TILE_COLS);
  const bindable = Math.floor(caps.storageBindingBytes / 4);
  const shards = o.shards ?? encoderShards(caps, shape);
  const chunkRows = rowsPerChunk(rows, Math.floor(bindable / nStride), caps.storageBindingBytes);
  const groupWidth = chooseGroupWidth(d_sae, k);
  const groups = nStride / groupWidth;
  const candidateCap = o.candidateCap ?? Math.max(512, 4 * k);
  // topk_row: group keys, chosen groups, candidates (key, index), bins of the radix select, five counters.
  const memory = 4 * (groups + 3) + 4 * k + 8 * candidateCap + 4 * 256 + 32;
  const realGroups = Math.ceil(d_sae / groupWidth);
  return {
    ...shape,
    dStride,
    nStride,
    chunkRows,
    chunks: cutRows(rows, chunkRows),
    shards,
    groupWidth,
    groups,
    candidateCap,
    select: o.select ?? (realGroups >= k && memory <= WORKGROUP_BYTES ? 'groups' : 'full'),
    bound: o.bound ?? (groups >= RADIX_GROUPS ? 'radix' : 'count'),
  };
}

/** Shards of W_enc in f32, for whoever uploads it. */
export function encoderShards(
  caps: Pick<GpuCaps, 'storageBindingBytes'>,
  { d_in, d_sae }: Pick<ForwardShape, 'd_in' | 'd_sae'>,
): LatentShard[] {
  return cutLatents(caps, { d_in, d_sae, rowBytes: 4 * strideOf(d_in) });
}

/** The chunks of a step of fewer rows than planned, e.g. the last of an inference pass. */
export function cutRows(rows: number, chunkRows: number): RowChunk[] {
  return Array.from({ length: Math.ceil(rows / chunkRows) }, (_, i) => ({
    firstRow: i * chunkRows,
    rows: Math.min(chunkRows, rows - i * chunkRows),
  }));
}

/** A row chunk per dispatch of one workgroup per row: at most 32,768. */
function rowsPerChunk(rows: number, fitting: number, bindingBytes: number): number {
  const most = Math.min(rows, fitting, 32_768);
  if (most >= rows) return rows;
  const whole = Math.floor(most / CHUNK_STEP) * CHUNK_STEP;
  if (whole === 0) {
    throw new ConfigError(
      `d_sae: ${CHUNK_STEP} rows of pre-activations exceed one GPU binding of ${bindingBytes} bytes; choose a smaller d_sae`,
      'd_sae',
    );
  }
  return whole;
}

/** Largest power of two within n/(4k), so that k groups are about a quarter of all (kernels.md §1). */
function chooseGroupWidth(d_sae: number, k: number): number {
  let width = TILE_COLS;
  while (width > 4 && width > d_sae / (4 * k)) width /= 2;
  return width;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
