// The uniform of the dense kernels: what changes from step to step, computed in float64 on the host.
import type { DenseLoss } from '../../core/train/denseLoss';
import { packUniform } from '../device/buffers';
import type { DensePlan } from '../train/densePlan';

/** Bytes of the step struct; kernels that need only its head declare only that. */
export const DENSE_STEP_BYTES = 32;

/** step counts from 0; `loss` holds this step's penalty, lr this step's rate. */
export function denseStep(
  plan: Pick<DensePlan, 'rows' | 'beta1' | 'beta2'>,
  o: { step: number; lr: number; loss: DenseLoss },
): ArrayBuffer {
  const { rows } = plan;
  // The kernels hold β in f32; the corrections must belong to the same β.
  const [beta1, beta2] = [Math.fround(plan.beta1), Math.fround(plan.beta2)];
  const count = o.step + 1;
  const preActPenalty = o.loss.kind === 'jumprelu' ? o.loss.preActPenalty : 0;
  return packUniform([
    ['f32', 2 / rows],
    ['f32', o.loss.penalty / rows],
    ['f32', preActPenalty / rows],
    ['f32', o.lr / (1 - beta1 ** count)],
    ['f32', 1 / (1 - beta2 ** count)],
    ['f32', 0],
    ['f32', 0],
    ['f32', 0],
  ]);
}
