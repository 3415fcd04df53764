// The uniform of the backward kernels: what changes from step to step, computed in float64 on the host.
import { learningRate, type SaeConfig, type SparseConfig } from '../../core/sae/sae';
import { packUniform } from '../device/buffers';

/** Bytes of the step struct; kernels that need only its head declare only that. */
export const TRAINER_STEP_BYTES = 16;

/** gradScale = 2/(B·V·levels): gradient = −gradScale·e. auxScale = 2α/B. */
export function trainerStep(
  config: SparseConfig,
  o: { variance: number; levels: number; step: number },
): ArrayBuffer {
  const { batchSize, auxKScale } = config;
  const { rate, secondScale } = adamScales(config, o.step);
  return packUniform([
    ['f32', 2 / (batchSize * o.variance * o.levels)],
    ['f32', (2 * auxKScale) / batchSize],
    ['f32', rate],
    ['f32', secondScale],
  ]);
}

/** Adam's factors of update number step + 1: lr / (1 − β1^t) and 1 / (1 − β2^t). */
export function adamScales(config: SaeConfig, step: number): { rate: number; secondScale: number } {
  // The kernels hold β in f32; the corrections must belong to the same β.
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
