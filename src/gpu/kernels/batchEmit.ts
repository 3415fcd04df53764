// Binder of batch_emit.wgsl: the kept elements of each row as a code of any number of latents a row.
import source from '../../../shaders/batch_emit.wgsl?raw';
import { MAX_LEVELS } from '../../core/sae/architecture';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { sourcePrelude } from './batchHistogram';
import { lanes, variantOf } from './lanes';
import { floatKeyPart, gridPart, laneCountsPart } from './parts';

export const BATCH_EMIT_LAYOUT = {
  elements: 'read',
  guide: 'read',
  rowCounts: 'read',
  state: 'write',
  code: 'write',
  levels: 'uniform',
  chunk: 'uniform',
} as const satisfies BindingLayout;

const OVERRIDES = [
  'batch_rows',
  'n_stride',
  'group_width',
  'list_indices_at',
  'list_acts_at',
  'indices_at',
  'acts_at',
  'rows_at',
] as const;

export const batchEmit = defineKernel({
  label: 'batch_emit',
  source,
  parts: [floatKeyPart, gridPart, laneCountsPart],
  overrides: OVERRIDES,
  layout: BATCH_EMIT_LAYOUT,
  variants: {
    'gpu, rows': lanes(64) + sourcePrelude('rows'),
    'gpu, list': lanes(64) + sourcePrelude('list'),
    'software, rows': lanes(8) + sourcePrelude('rows'),
    'software, list': lanes(8) + sourcePrelude('list'),
  },
});

/** Dispatch one workgroup per row. */
export function prepareBatchEmit(
  context: GpuContext,
  from: 'rows' | 'list',
  overrides: Record<(typeof OVERRIDES)[number], number>,
): Promise<PreparedKernel<typeof BATCH_EMIT_LAYOUT>> {
  return batchEmit.prepare(context, { overrides, variant: `${variantOf(context)}, ${from}` });
}

/** The uniform `levels`: how many, three words of padding, then the widths. */
export function levelsUniform(widths: readonly number[]): Uint32Array {
  const words = new Uint32Array(4 + MAX_LEVELS);
  words[0] = widths.length;
  words.set(widths, 4);
  return words;
}
