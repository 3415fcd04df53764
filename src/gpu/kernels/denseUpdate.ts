// Binder of dense_update.wgsl: Adam and unit rows, one latent at a time.
import source from '../../../shaders/dense_update.wgsl?raw';
import { LATENT_VECTORS, type DenseKind } from '../../core/train/denseLoss';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { DensePlan } from '../train/densePlan';
import { unitNorm, wideAndNarrow, type DecoderNorm } from './denseVariants';
import { variantOf } from './lanes';
import { adamPart, denseStepPart, gridPart, laneSumsPart } from './parts';

export const DENSE_UPDATE_LAYOUT = {
  gradEnc: 'read',
  gradDec: 'read',
  latentGradients: 'read',
  W_enc: 'write',
  W_dec: 'write',
  momentsEnc: 'write',
  momentsDec: 'write',
  vectors: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

type Named = `${DenseKind}, ${DecoderNorm} norm`;
const NAMES: readonly Named[] = [
  'relu, free norm',
  'relu, unit norm',
  'gated, unit norm',
  'gated, free norm',
  'jumprelu, free norm',
  'jumprelu, unit norm',
];

export const denseUpdate = defineKernel({
  label: 'dense_update',
  source,
  parts: [adamPart, denseStepPart, gridPart, laneSumsPart],
  overrides: ['n', 'd4', 'beta1', 'beta2', 'eps'],
  layout: DENSE_UPDATE_LAYOUT,
  variants: wideAndNarrow(NAMES, (name) => {
    const [kind, norm] = name.split(', ') as [DenseKind, `${DecoderNorm} norm`];
    const vectors = `const VECTORS: u32 = ${LATENT_VECTORS[kind].length}u;\n`;
    return vectors + unitNorm(norm === 'unit norm' ? 'unit' : 'free');
  }),
  example: { beta1: 0.9, beta2: 0.999, eps: 1e-8 },
});

/** Dispatch one workgroup per latent, last of all that read the weights. */
export function prepareDenseUpdate(
  context: GpuContext,
  { d_sae, d4, beta1, beta2, eps, loss, decoderNorm }: DensePlan,
): Promise<PreparedKernel<typeof DENSE_UPDATE_LAYOUT>> {
  return denseUpdate.prepare(context, {
    overrides: { n: d_sae, d4, beta1, beta2, eps },
    variant: `${loss.kind}, ${decoderNorm} norm, ${variantOf(context)}`,
  });
}
