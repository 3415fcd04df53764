// Binder of batch_emit.wgsl: the kept elements of each row as a code of any number of latents a row.
import source from '../../../shaders/batch_emit.wgsl?raw';
import { MAX_LEVELS } from '../../core/sae/architecture';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { BATCH_SOURCES } from './batchHistogram';
import { BATCH_CHUNK } from './chunks';
import { floatKeyPart, gridPart, laneCountsPart } from './parts';

/** How many levels, and their widths. */
export const LEVELS = uniformStruct({
  count: 'u32',
  widths: { of: 'vec4<u32>', length: MAX_LEVELS / 4 },
});

export const BATCH_EMIT_LAYOUT = {
  elements: 'read',
  guide: 'read',
  rowCounts: 'read',
  state: 'write',
  code: 'write',
  levels: LEVELS,
  chunk: BATCH_CHUNK,
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
  lanes: { gpu: 64, software: 8 },
  grid: { counts: ['rows'], workgroups: ({ rows }) => rows },
  variants: { rows: BATCH_SOURCES.rows, list: BATCH_SOURCES.list },
});

export function prepareBatchEmit(
  context: GpuContext,
  from: 'rows' | 'list',
  overrides: Record<(typeof OVERRIDES)[number], number>,
): Promise<PreparedKernel<typeof BATCH_EMIT_LAYOUT, 'rows'>> {
  return batchEmit.prepare(context, { overrides, variant: from });
}

export function levelsUniform(widths: readonly number[]): Uint32Array {
  return packUniform(LEVELS, { count: widths.length, widths });
}
