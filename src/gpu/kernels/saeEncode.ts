// Binder of sae_encode.wgsl and its twin for software adapters: pre-activations and group maxima of one
// row chunk and one shard of latents, from weights in f32 or f16. Does not select latents.
import registersSource from '../../../shaders/sae_encode_registers.wgsl?raw';
import tiledSource from '../../../shaders/sae_encode.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { ForwardPlan } from '../sae/forwardPlan';
import { SHARD_STEP, type LatentShard } from '../sae/latentShards';
import { CHUNK, SHARD } from './chunks';
import { finishPreActsPart, shardPart } from './parts';

export const SAE_ENCODE_LAYOUT = {
  xc: 'read',
  W_enc: 'read',
  b_enc: 'read',
  preActs: 'write',
  groupMax: 'write',
  counters: 'write',
  chunk: CHUNK,
  shard: SHARD,
} as const satisfies BindingLayout;

/** of a chunk; of a shard (shardColumns) */
const COUNTS = ['rows', 'columns'] as const;
const OVERRIDES = ['d4', 'n', 'n_stride', 'group_width'] as const;
const EXAMPLE = { d4: 12, n: 130, n_stride: 192, group_width: 16 };

/** How W_enc is held; f16 needs a device with `hasF16`. */
export type EncodePrecision = 'f32' | 'f16';

const WEIGHTS = {
  f32: 'alias Weights = vec4<f32>;\n',
  f16: 'enable f16;\nalias Weights = vec4<f16>;\n',
} as const;

/** Rows and columns of a workgroup's tile, rows of 4 outputs a lane, columns of a slice: what can be best where is for
 *  measuring (sae/encodeTuner.ts). All of them add up a product in the same order, so their results are the same bits. */
const TILES = {
  '64x64': { TILE_ROWS: 64, TILE_COLS: 64, PER_ROWS: 8, SLICE: 16, LANES: 128 },
  '128x64': { TILE_ROWS: 128, TILE_COLS: 64, PER_ROWS: 8, SLICE: 16, LANES: 256 },
  '64x64 by 4': { TILE_ROWS: 64, TILE_COLS: 64, PER_ROWS: 4, SLICE: 16, LANES: 256 },
  '32x64 by 4': { TILE_ROWS: 32, TILE_COLS: 64, PER_ROWS: 4, SLICE: 16, LANES: 128 },
  '128x64 by 16': { TILE_ROWS: 128, TILE_COLS: 64, PER_ROWS: 16, SLICE: 16, LANES: 128 },
  '64x64 thin': { TILE_ROWS: 64, TILE_COLS: 64, PER_ROWS: 8, SLICE: 8, LANES: 128 },
  '128x64 thin': { TILE_ROWS: 128, TILE_COLS: 64, PER_ROWS: 8, SLICE: 8, LANES: 256 },
} as const;

export type EncodeTile = keyof typeof TILES;

/** The one taken without measuring first. */
export const ENCODE_TILES = Object.keys(TILES) as EncodeTile[];

type TiledVariant = `${EncodeTile} ${EncodePrecision}`;

function perVariant<T>(make: (tile: EncodeTile, precision: EncodePrecision) => T) {
  return Object.fromEntries(
    ENCODE_TILES.flatMap((tile) =>
      (['f32', 'f16'] as const).map((precision) => [`${tile} ${precision}`, make(tile, precision)]),
    ),
  ) as Record<TiledVariant, T>;
}

export const saeEncode = defineKernel({
  label: 'sae_encode',
  source: tiledSource,
  parts: [finishPreActsPart, shardPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  grid: {
    counts: COUNTS,
    workgroups: (size) => [size.columns / size.TILE_COLS, Math.ceil(size.rows / size.TILE_ROWS), 1],
  },
  variants: perVariant((tile) => TILES[tile] as Record<keyof (typeof TILES)['64x64'], number>),
  directives: perVariant((_, precision) => WEIGHTS[precision]),
  example: EXAMPLE,
});

export const saeEncodeRegisters = defineKernel({
  label: 'sae_encode_registers',
  source: registersSource,
  parts: [finishPreActsPart, shardPart],
  overrides: OVERRIDES,
  layout: SAE_ENCODE_LAYOUT,
  lanes: 8,
  // A lane makes 4 rows of one column group.
  grid: {
    counts: COUNTS,
    workgroups: (size) => [
      size.columns / size.group_width,
      Math.ceil(size.rows / (4 * size.LANES)),
      1,
    ],
  },
  variants: { f32: {}, f16: {} },
  directives: WEIGHTS,
  example: EXAMPLE,
});

export type Encoder = PreparedKernel<typeof SAE_ENCODE_LAYOUT, (typeof COUNTS)[number]>;

/** Columns of preActs that one shard fills: its latents, rounded up to the next shard's beginning. */
export function shardColumns({ count }: LatentShard): number {
  return Math.ceil(count / SHARD_STEP) * SHARD_STEP;
}

/** Chooses by `context.isSoftware` unless `o.tile` names a tiled variant; `o.precision` is that of W_enc. */
export function prepareEncode(
  context: GpuContext,
  plan: ForwardPlan,
  o: { tile?: EncodeTile | undefined; precision?: EncodePrecision | undefined } = {},
): Promise<Encoder> {
  const overrides = {
    d4: plan.dStride / 4,
    n: plan.d_sae,
    n_stride: plan.nStride,
    group_width: plan.groupWidth,
  };
  const precision = o.precision ?? 'f32';
  if (context.isSoftware && o.tile === undefined) {
    return saeEncodeRegisters.prepare(context, { overrides, variant: precision });
  }
  return saeEncode.prepare(context, { overrides, variant: `${o.tile ?? '64x64'} ${precision}` });
}
