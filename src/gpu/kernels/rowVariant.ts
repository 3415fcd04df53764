// Into how many sums decode_row and aux_decode_row cut each slot's dot product.
import type { GpuContext } from '../device/device';
import { fitsRow } from '../train/trainerPlan';

export const SLOT_PARTS = { many: { PARTS: 8 }, few: { PARTS: 1 } } as const;

/** Few on a software adapter, whose memory gains nothing by neighbouring reads, and where the sums of so many
 *  slots exceed workgroup memory. */
export function slotParts(
  context: GpuContext,
  dStride: number,
  slots: number,
): keyof typeof SLOT_PARTS {
  if (context.isSoftware) return 'few';
  return fitsRow(context.caps, dStride, slots, SLOT_PARTS.many.PARTS) ? 'many' : 'few';
}
