// Binder of batch_pick.wgsl: one digit of the key, read from the histogram.
import source from '../../../shaders/batch_pick.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, ONE_WORKGROUP, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';

export const BATCH_PICK_LAYOUT = {
  bins: 'write',
  state: 'write',
} as const satisfies BindingLayout;

export const batchPick = defineKernel({
  label: 'batch_pick',
  source,
  overrides: ['digit', 'kept'],
  layout: BATCH_PICK_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: ONE_WORKGROUP,
  variants: { digit: { FLOOR: false }, floor: { FLOOR: true } },
  example: { digit: 1, kept: 100 },
});

/** Words of `state`: key, elements equal to it still needed, floor, smallest kept key. */
export const BATCH_STATE_WORDS = 4;

/** digit 'floor': the lower bound from group maxima instead of a digit. */
export function prepareBatchPick(
  context: GpuContext,
  o: { digit: number | 'floor'; kept: number },
): Promise<PreparedKernel<typeof BATCH_PICK_LAYOUT>> {
  const isFloor = o.digit === 'floor';
  return batchPick.prepare(context, {
    overrides: { digit: o.digit === 'floor' ? 0 : o.digit, kept: o.kept },
    variant: isFloor ? 'floor' : 'digit',
  });
}
