// Binder of batch_pick.wgsl: one digit of the key, read off the histogram.
import source from '../../../shaders/batch_pick.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { lanes, variantOf } from './lanes';

export const BATCH_PICK_LAYOUT = {
  bins: 'write',
  state: 'write',
} as const satisfies BindingLayout;

const prelude = (width: number, floor: boolean) =>
  `${lanes(width)}const FLOOR: bool = ${String(floor)};`;

export const batchPick = defineKernel({
  label: 'batch_pick',
  source,
  overrides: ['digit', 'kept'],
  layout: BATCH_PICK_LAYOUT,
  variants: {
    gpu: prelude(64, false),
    software: prelude(8, false),
    'gpu, floor': prelude(64, true),
    'software, floor': prelude(8, true),
  },
  example: { digit: 1, kept: 100 },
});

/** Words of `state`: key, elements equal to it still wanted, floor, smallest kept key. */
export const BATCH_STATE_WORDS = 4;

/** Dispatch one workgroup. digit 'floor': the lower bound from group maxima instead of a digit. */
export function prepareBatchPick(
  context: GpuContext,
  o: { digit: number | 'floor'; kept: number },
): Promise<PreparedKernel<typeof BATCH_PICK_LAYOUT>> {
  const isFloor = o.digit === 'floor';
  return batchPick.prepare(context, {
    overrides: { digit: o.digit === 'floor' ? 0 : o.digit, kept: o.kept },
    variant: isFloor ? `${variantOf(context)}, floor` : variantOf(context),
  });
}
