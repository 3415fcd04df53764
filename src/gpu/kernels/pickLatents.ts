// Binder of pick_latents.wgsl: a few latents' activations from a sparse code that stays on the GPU.
import source from '../../../shaders/pick_latents.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import { gridPart } from './parts';

export const PICK_STEP = uniformStruct({
  rows: 'u32',
  k: 'u32',
  max_rows: 'u32',
  count: 'u32',
  wanted: { of: 'vec4<u32>', length: 2 },
  slot: { of: 'vec4<u32>', length: 2 },
});

export const PICK_LATENTS_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  acts: 'write',
  step: PICK_STEP,
} as const satisfies BindingLayout;

export const pickLatents = defineKernel({
  label: 'pick_latents',
  source,
  parts: [gridPart],
  overrides: [],
  layout: PICK_LATENTS_LAYOUT,
  lanes: 64,
  grid: { counts: ['rows', 'wanted'], threads: ({ rows, wanted }) => rows * wanted },
});

/** wanted: at most 8 latents and the rows of `acts` that receive them. */
export function pickStep(o: {
  rows: number;
  k: number;
  maxRows: number;
  wanted: readonly { latentIndex: number; slot: number }[];
}): Uint32Array {
  return packUniform(PICK_STEP, {
    rows: o.rows,
    k: o.k,
    max_rows: o.maxRows,
    count: o.wanted.length,
    wanted: o.wanted.map(({ latentIndex }) => latentIndex),
    slot: o.wanted.map(({ slot }) => slot),
  });
}
