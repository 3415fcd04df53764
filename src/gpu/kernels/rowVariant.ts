// Which variant of decode_row and aux_decode_row a row of this width takes.
import type { GpuContext } from '../device/device';
import { fitsRow } from '../train/trainerPlan';

export function rowVariant(
  context: GpuContext,
  dStride: number,
  slots: number,
): 'gpu' | 'gpu, few parts' | 'software' {
  if (context.isSoftware) return 'software';
  return fitsRow(context.caps, dStride, slots, 8) ? 'gpu' : 'gpu, few parts';
}
