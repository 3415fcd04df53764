// Binder of dense_bdec_path.wgsl: b_dec's gradient through the encoder, in parts of latents.
import source from '../../../shaders/dense_bdec_path.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { KIND_VARIANTS } from './denseVariants';
import { gridPart } from './parts';

export const DENSE_BDEC_PATH_LAYOUT = {
  totals: 'read',
  vectors: 'read',
  W_enc: 'read',
  encoderPath: 'write',
} as const satisfies BindingLayout;

export const denseBdecPath = defineKernel({
  label: 'dense_bdec_path',
  source,
  parts: [gridPart],
  overrides: ['n', 'n4', 'd4', 'part_latents'],
  layout: DENSE_BDEC_PATH_LAYOUT,
  lanes: 64,
  grid: { threads: (size) => Math.ceil(size.n / size.part_latents) * size.d4 },
  variants: KIND_VARIANTS,
});

/** Run it before dense_update changes W_enc and the vectors. */
export function prepareDenseBdecPath(
  context: GpuContext,
  { d_sae, n4, d4, partLatents, loss }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_BDEC_PATH_LAYOUT>> {
  return denseBdecPath.prepare(context, {
    overrides: { n: d_sae, n4, d4, part_latents: partLatents },
    variant: loss.kind,
  });
}
