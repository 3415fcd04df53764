// Binder of decoder_norms.wgsl: the length of every row of W_dec.
import source from '../../../shaders/decoder_norms.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import { gridPart, laneSumsPart } from './parts';

export const DECODER_NORMS_LAYOUT = {
  W_dec: 'read',
  norms: 'write',
} as const satisfies BindingLayout;

export const decoderNorms = defineKernel({
  label: 'decoder_norms',
  source,
  parts: [gridPart, laneSumsPart],
  overrides: ['n', 'd4'],
  layout: DECODER_NORMS_LAYOUT,
  lanes: { gpu: 64, software: 8 },
  grid: { workgroups: ({ n }) => n },
});

export function prepareDecoderNorms(
  context: GpuContext,
  { d_sae, d4 }: { d_sae: number; d4: number },
): Promise<PreparedKernel<typeof DECODER_NORMS_LAYOUT>> {
  return decoderNorms.prepare(context, {
    overrides: { n: d_sae, d4 },
  });
}
