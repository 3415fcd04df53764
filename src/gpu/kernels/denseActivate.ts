// Binder of dense_activate.wgsl: latentActs of one row chunk, dense.
import source from '../../../shaders/dense_activate.wgsl?raw';
import type { DenseKind } from '../../core/train/denseLoss';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { CHUNK } from './chunks';
import { KIND_VARIANTS } from './denseVariants';
import { gridPart } from './parts';

export const DENSE_ACTIVATE_LAYOUT = {
  preActs: 'read',
  vectors: 'read',
  acts: 'write',
  gateActs: 'write',
  chunk: CHUNK,
} as const satisfies BindingLayout;

export const denseActivate = defineKernel({
  label: 'dense_activate',
  source,
  parts: [gridPart],
  overrides: ['n', 'n4'],
  layout: DENSE_ACTIVATE_LAYOUT,
  lanes: 64,
  grid: { counts: ['rows'], threads: ({ rows, n4 }) => rows * n4 },
  variants: KIND_VARIANTS,
});

export function prepareDenseActivate(
  context: GpuContext,
  o: { kind: DenseKind; d_sae: number; n4: number },
): Promise<PreparedKernel<typeof DENSE_ACTIVATE_LAYOUT, 'rows'>> {
  return denseActivate.prepare(context, {
    overrides: { n: o.d_sae, n4: o.n4 },
    variant: o.kind,
  });
}
