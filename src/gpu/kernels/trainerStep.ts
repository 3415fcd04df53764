// The uniform of the backward kernels: what changes from step to step, computed in float64 on the host.
import { learningRate, type SaeConfig } from '../../core/sae';
import { packUniform } from '../buffers';

/** Bytes of the step struct; kernels that need only its head declare only that. */
export const TRAINER_STEP_BYTES = 16;

/** gradScale = 2/(B·V): gradient = −gradScale·e. auxScale = 2α/B. rate and secondScale carry Adam's bias
 *  corrections of update number step + 1. */
export function trainerStep(config: SaeConfig, variance: number, step: number): ArrayBuffer {
  const { batchSize, auxKScale } = config;
  // The kernels hold β in f32; the corrections must belong to the same β.
  const [beta1, beta2] = [Math.fround(config.adamBeta1), Math.fround(config.adamBeta2)];
  const count = step + 1;
  return packUniform([
    ['f32', 2 / (batchSize * variance)],
    ['f32', (2 * auxKScale) / batchSize],
    ['f32', learningRate(config, step) / (1 - beta1 ** count)],
    ['f32', 1 / (1 - beta2 ** count)],
  ]);
}

export function adamOverrides({ adamBeta1, adamBeta2, adamEps }: SaeConfig) {
  return { beta1: adamBeta1, beta2: adamBeta2, eps: adamEps };
}
