// Into how many sums decode_row and aux_decode_row cut each slot's dot product.
import type { GpuContext } from '../device/device';
import { fitsRow, type TrainerPlan } from '../train/trainerPlan';

export const SLOT_PARTS = {
  many: { PARTS: 8, SHARDED: false },
  few: { PARTS: 1, SHARDED: false },
  /** of several shards: decode_shard does what needs W_dec */
  sharded: { PARTS: 1, SHARDED: true },
} as const;

/** Few on a software adapter, whose memory gains nothing by neighbouring reads, and where the sums of so many
 *  slots exceed workgroup memory. */
export function slotParts(
  context: GpuContext,
  { dStride, forward }: Pick<TrainerPlan, 'dStride' | 'forward'>,
  slots: number,
): keyof typeof SLOT_PARTS {
  if (forward.shards.length > 1) return 'sharded';
  if (context.isSoftware) return 'few';
  return fitsRow(context.caps, dStride, slots, SLOT_PARTS.many.PARTS) ? 'many' : 'few';
}
