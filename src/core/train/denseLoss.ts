// The losses of the dense architectures (sae.md §5–7) as one step sees them: coefficients after warm-up.
// Lists their per-latent parameters in a fixed order; knows no gradients.

import { TANH_SCALE, type JumpReluMode } from '../sae/architecture';
import type { ExtraName } from '../sae/stateShape';
import { penaltyFactor, type GatedConfig, type JumpReluConfig, type ReluConfig } from '../sae/sae';

export type DenseConfig = ReluConfig | GatedConfig | JumpReluConfig;

export type DenseLoss =
  /** mse + penalty · mean_b Σ f·n */
  | { kind: 'relu'; penalty: number }
  /** mse + penalty · mean_b Σ ReLU(π_g) + the auxiliary reconstruction's mse */
  | { kind: 'gated'; penalty: number }
  /** mse + penalty(mode) + preActPenalty · mean_b Σ_dead ReLU(θ − h)·n */
  | {
      kind: 'jumprelu';
      mode: JumpReluMode;
      penalty: number;
      /** ε: width of the straight-through window on h */
      bandwidth: number;
      /** c of tanh(c·f·n) */
      tanhScale: number;
      /** L0* of the quadratic penalty */
      targetL0: number;
      /** λ_P */
      preActPenalty: number;
    };

export type DenseKind = DenseLoss['kind'];

/** Parameters of one value per latent, in the order of the kernels. Gated's b_gate is called b_enc;
 *  `threshold` is θ itself, not log θ. */
export const LATENT_VECTORS = {
  relu: ['b_enc'],
  gated: ['b_enc', 'b_mag', 'r_mag'],
  jumprelu: ['b_enc', 'threshold'],
} as const satisfies Record<DenseKind, readonly ('b_enc' | ExtraName)[]>;

/** In clipNorm / (norm + this): keeps the quotient finite, as torch.nn.utils.clip_grad_norm_ has it. */
export const CLIP_EPS = 1e-6;

/** The loss of step `step` (from 0), its penalty warmed up. */
export function denseLossAt(config: DenseConfig, step: number): DenseLoss {
  if (config.architecture !== 'jumprelu') {
    const { architecture: kind, l1Coefficient, l1WarmupSteps } = config;
    return { kind, penalty: l1Coefficient * penaltyFactor(l1WarmupSteps, step) };
  }
  const { mode, sparsityCoefficient, sparsityWarmupSteps, bandwidth, targetL0 } = config;
  return {
    kind: 'jumprelu',
    mode,
    penalty: sparsityCoefficient * penaltyFactor(sparsityWarmupSteps, step),
    bandwidth,
    tanhScale: TANH_SCALE,
    targetL0,
    preActPenalty: config.preActCoefficient,
  };
}
