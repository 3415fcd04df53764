// Binder of scale_code.wgsl: a TopK code in the units of its decoder, whatever units selected it.
import source from '../../../shaders/scale_code.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { CHUNK } from './chunks';
import { emptySlotPart, gridPart } from './parts';

export const SCALE_CODE_LAYOUT = {
  latentIndices: 'read',
  actScale: 'read',
  latentActs: 'write',
  chunk: CHUNK,
} as const satisfies BindingLayout;

export const scaleCode = defineKernel({
  label: 'scale_code',
  source,
  parts: [emptySlotPart, gridPart],
  overrides: ['k'],
  layout: SCALE_CODE_LAYOUT,
  lanes: 64,
  grid: { counts: ['slots'], threads: ({ slots }) => slots },
  example: { k: 32 },
});
