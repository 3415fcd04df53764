// Adam's bias corrections as every backend's kernels take them, computed in float64.
import { learningRate, type SaeConfig } from '../sae/sae';

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
