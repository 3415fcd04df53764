// Binder of latent_update.wgsl: gradients, projection, Adam and renormalisation of one latent at a time.
import { ConfigError } from '../../core/errors';
import source from '../../../shaders/latent_update.wgsl?raw';
import type { BindingLayout } from '../device/bindingLayout';
import { defineKernel, type PreparedKernel } from '../device/defineKernel';
import type { GpuContext } from '../device/device';
import type { TrainerPlan } from '../train/trainerPlan';
import { adamPart, gridPart, laneSumsPart, trainerStepPart } from './parts';
import { adamOverrides, TRAINER_STEP } from './trainerStep';

export const LATENT_UPDATE_LAYOUT = {
  csc: 'read',
  xc: 'read',
  gradient: 'read',
  W_enc: 'write',
  W_dec: 'write',
  momentsEnc: 'write',
  momentsDec: 'write',
  encoderBias: 'write',
  step: TRAINER_STEP,
} as const satisfies BindingLayout;

type LatentVariant = `${number}x${number}`;

/** Lanes × vec4 of columns per lane. */
function variant(lanes: number, perLane: number) {
  const name: LatentVariant = `${lanes}x${perLane}`;
  return { name, lanes, perLane };
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
  grid: { workgroups: ({ n }) => n },
  variants: Object.fromEntries(
    LATENT_VARIANTS.map(({ name, lanes, perLane }) => [name, { LANES: lanes, PER_LANE: perLane }]),
  ) as Record<LatentVariant, Record<'LANES' | 'PER_LANE', number>>,
  example: { beta1: 0.9, beta2: 0.999, eps: 6.25e-10 },
});

/** Run it last of all that read W_enc, W_dec or b_enc. */
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
    ({ lanes, perLane }) => lanes * perLane >= d4 && (lanes === 8) === context.isSoftware,
  );
  const name = fitting[0]?.name;
  if (name === undefined) {
    throw new ConfigError(`d_in must be at most ${MAX_D_IN} for training: ${d4 * 4}`, 'd_in');
  }
  return name;
}
