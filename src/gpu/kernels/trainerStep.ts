// The uniform of the backward kernels: what changes from step to step, computed in float64 on the host.
import { learningRate, type SaeConfig, type SparseConfig } from '../../core/sae/sae';
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

/** Adam's factors of update number step + 1: lr / (1 − β1^t) and 1 / (1 − β2^t). */
export function adamScales(config: SaeConfig, step: number): { rate: number; secondScale: number } {
  // The kernels hold β in f32, so the corrections must use that value too.
  const [beta1, beta2] = [Math.fround(config.adamBeta1), Math.fround(config.adamBeta2)];
  const count = step + 1;
  return {
    rate: learningRate(config, step) / (1 - beta1 ** count),
    secondScale: 1 / (1 - beta2 ** count),
  };
}

export function adamOverrides({ adamBeta1, adamBeta2, adamEps }: SaeConfig) {
  return { beta1: adamBeta1, beta2: adamBeta2, eps: adamEps };
}
