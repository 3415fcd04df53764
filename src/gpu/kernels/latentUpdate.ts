// Binder of latent_update.wgsl: gradients, projection, Adam and renormalisation of one latent at a time.
import { ConfigError } from '../../core/errors';
import source from '../../../shaders/latent_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { lanes } from './lanes';
import { adamPart, gridPart, laneSumsPart, trainerStepPart } from './parts';
import { adamOverrides } from './trainerStep';

export const LATENT_UPDATE_LAYOUT = {
  csc: 'read',
  xc: 'read',
  gradient: 'read',
  W_enc: 'write',
  W_dec: 'write',
  momentsEnc: 'write',
  momentsDec: 'write',
  encoderBias: 'write',
  step: 'uniform',
} as const satisfies BindingLayout;

type LatentVariant = `${number}x${number}`;

/** Lanes × vec4 of columns per lane. */
function variant(width: number, perLane: number) {
  const name: LatentVariant = `${width}x${perLane}`;
  return { name, lanes: width, perLane };
}

/** Ascending capacity, software's 8 lanes apart. */
const LATENT_VARIANTS = [
  ...[1, 2, 4, 8].map((perLane) => variant(64, perLane)),
  variant(256, 4),
  ...[2, 4, 8, 16, 32, 64, 128].map((perLane) => variant(8, perLane)),
];
const MAX_D_IN = 4096;

export const latentUpdate = defineKernel({
  label: 'latent_update',
  source,
  parts: [adamPart, gridPart, laneSumsPart, trainerStepPart],
  overrides: ['rows', 'n', 'd4', 'entries_at', 'beta1', 'beta2', 'eps'],
  layout: LATENT_UPDATE_LAYOUT,
  variants: Object.fromEntries(
    LATENT_VARIANTS.map(({ name, lanes: width, perLane }) => [
      name,
      `${lanes(width)}const PER_LANE: u32 = ${perLane}u;`,
    ]),
  ) as Record<LatentVariant, string>,
  example: { beta1: 0.9, beta2: 0.999, eps: 6.25e-10 },
});

/** Dispatch one workgroup per latent, last of all that read W_enc, W_dec or b_enc. */
export function prepareLatentUpdate(
  context: GpuContext,
  plan: TrainerPlan,
): Promise<PreparedKernel<typeof LATENT_UPDATE_LAYOUT>> {
  const { rows, d_sae, d4, entriesAt, config } = plan;
  return latentUpdate.prepare(context, {
    overrides: { rows, n: d_sae, d4, entries_at: entriesAt, ...adamOverrides(config) },
    variant: chooseVariant(context, d4),
  });
}

/** The narrowest variant whose registers hold a row. */
function chooseVariant(context: GpuContext, d4: number): LatentVariant {
  const fitting = LATENT_VARIANTS.filter(
    ({ lanes: width, perLane }) => width * perLane >= d4 && (width === 8) === context.isSoftware,
  );
  const name = fitting[0]?.name;
  if (name === undefined) {
    throw new ConfigError(`d_in must be at most ${MAX_D_IN} for training: ${d4 * 4}`, 'd_in');
  }
  return name;
}
