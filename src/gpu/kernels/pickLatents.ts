// Binder of pick_latents.wgsl: a few latents' activations out of a sparse code that stays on the GPU.
import source from '../../../shaders/pick_latents.wgsl?raw';
import { packUniform } from '../device/buffers';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel } from '../device/defineKernel';
import { gridPart } from './parts';

export const PICK_LATENTS_LAYOUT = {
  latentIndices: 'read',
  latentActs: 'read',
  acts: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

export const pickLatents = defineKernel({
  label: 'pick_latents',
  source,
  parts: [gridPart],
  overrides: [],
  layout: PICK_LATENTS_LAYOUT,
});

export const PICK_STEP_BYTES = 80;

/** wanted: at most 8 latents and the rows of `acts` that take them. */
export function pickStep(o: {
  rows: number;
  k: number;
  maxRows: number;
  wanted: readonly { latentIndex: number; slot: number }[];
}): ArrayBuffer {
  const padded = (values: number[]) => Array.from({ length: 8 }, (_, i) => values[i] ?? 0);
  const words = [
    ...[o.rows, o.k, o.maxRows, o.wanted.length],
    ...padded(o.wanted.map(({ latentIndex }) => latentIndex)),
    ...padded(o.wanted.map(({ slot }) => slot)),
  ];
  return packUniform(words.map((word) => ['u32', word] as const));
}

/** Workgroups for one step. */
export function pickGrid(rows: number, count: number): number {
  return Math.ceil((rows * count) / 64);
}
