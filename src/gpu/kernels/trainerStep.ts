// The uniform of the backward kernels: what changes from step to step, computed in float64 on the host.
import type { SaeConfig, SparseConfig } from '../../core/sae/sae';
import { adamScales } from '../../core/train/adamScales';
import { packUniform, uniformStruct } from '../device/uniformStruct';

/** As parts/trainer_step.wgsl has it. */
export const TRAINER_STEP = uniformStruct({
  gradScale: 'f32',
  auxScale: 'f32',
  rate: 'f32',
  secondScale: 'f32',
});

/** gradScale = 2/(B·V·levels): gradient = −gradScale·e. auxScale = 2α/B. */
export function trainerStep(
  config: SparseConfig,
  o: { variance: number; levels: number; step: number },
): Uint32Array {
  const { batchSize, auxKScale } = config;
  const { rate, secondScale } = adamScales(config, o.step);
  return packUniform(TRAINER_STEP, {
    gradScale: 2 / (batchSize * o.variance * o.levels),
    auxScale: (2 * auxKScale) / batchSize,
    rate,
    secondScale,
  });
}

export function adamOverrides({ adamBeta1, adamBeta2, adamEps }: SaeConfig) {
  return { beta1: adamBeta1, beta2: adamBeta2, eps: adamEps };
}
