// Binder of decode_shard.wgsl: what decoding needs of one shard's decoder rows.
import source from '../../../shaders/decode_shard.wgsl?raw';
import type { CodeLayout } from '../sae/batchCode';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { SHARD } from './chunks';
import { emptySlotPart, gridPart, laneSumsPart, shardPart } from './parts';

export const DECODE_SHARD_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  places: 'read',
  W_dec: 'read',
  gradient: 'write',
  preActGrad: 'write',
  shard: SHARD,
} as const satisfies BindingLayout;

export const decodeShard = defineKernel({
  label: 'decode_shard',
  source,
  parts: [emptySlotPart, gridPart, laneSumsPart, shardPart],
  overrides: ['rows', 'd4', 'k', 'out_row', 'rows_at'],
  layout: DECODE_SHARD_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ rows }) => rows },
  variants: {
    'row sums': { SUMS: true, BY_ROW: true },
    'row products': { SUMS: false, BY_ROW: true },
    'batch sums': { SUMS: true, BY_ROW: false },
    'batch products': { SUMS: false, BY_ROW: false },
  },
});

export type ShardKernel = PreparedKernel<typeof DECODE_SHARD_LAYOUT>;
export type ShardKernels = { sums: ShardKernel; products: ShardKernel };

/** Of codes of k slots a row, whose gradient rows begin at outRow, or of a batch's code. */
export async function prepareDecodeShard(
  context: GpuContext,
  { rows, d4 }: Pick<TrainerPlan, 'rows' | 'd4'>,
  code: { k: number; outRow: number } | CodeLayout,
): Promise<ShardKernels> {
  const isByRow = 'k' in code;
  const own = isByRow
    ? { k: code.k, out_row: code.outRow, rows_at: 0 }
    : { k: 0, out_row: 0, rows_at: code.rowsAt };
  const overrides = { rows, d4, ...own };
  const form = isByRow ? 'row' : 'batch';
  const [sums, products] = await Promise.all([
    decodeShard.prepare(context, { overrides, variant: `${form} sums` }),
    decodeShard.prepare(context, { overrides, variant: `${form} products` }),
  ]);
  return { sums, products };
}
