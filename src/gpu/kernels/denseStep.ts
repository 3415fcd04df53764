// The uniform of the dense kernels: what changes from step to step, computed in float64 on the host.
import type { DenseLoss } from '../../core/train/denseLoss';
import { packUniform, uniformStruct } from '../device/uniformStruct';
import type { DensePlan } from '../train/densePlan';

/** As parts/dense_step.wgsl has it. */
export const DENSE_STEP = uniformStruct({
  gradScale: 'f32',
  penalty: 'f32',
  preActPenalty: 'f32',
  rate: 'f32',
  secondScale: 'f32',
});

/** step counts from 0; `loss` holds this step's penalty, lr this step's rate. */
export function denseStep(
  plan: Pick<DensePlan, 'rows' | 'beta1' | 'beta2'>,
  o: { step: number; lr: number; loss: DenseLoss },
): Uint32Array {
  const { rows } = plan;
  // The kernels hold β in f32, so the corrections must use that value too.
  const [beta1, beta2] = [Math.fround(plan.beta1), Math.fround(plan.beta2)];
  const count = o.step + 1;
  const preActPenalty = o.loss.kind === 'jumprelu' ? o.loss.preActPenalty : 0;
  return packUniform(DENSE_STEP, {
    gradScale: 2 / rows,
    penalty: o.loss.penalty / rows,
    preActPenalty: preActPenalty / rows,
    rate: o.lr / (1 - beta1 ** count),
    secondScale: 1 / (1 - beta2 ** count),
  });
}
