// The losses of the dense architectures (sae.md §5–7) as one step sees them: coefficients after warm-up.
// Names their latent vectors in one fixed order; knows neither schedule nor gradients.

export type JumpReluMode = 'tanh' | 'quadratic' | 'step';

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

/** Parameters of one value per latent, beside W_enc, W_dec and b_dec. `threshold` is θ itself, not log θ. */
export type LatentVector = 'b_enc' | 'threshold' | 'b_gate' | 'b_mag' | 'r_mag';

export const LATENT_VECTORS = {
  relu: ['b_enc'],
  gated: ['b_gate', 'b_mag', 'r_mag'],
  jumprelu: ['b_enc', 'threshold'],
} as const satisfies Record<DenseKind, readonly LatentVector[]>;

/** Adam's gradients are scaled down to this global norm where they exceed it (sae.md §2). */
export const CLIP_NORM = 1;
/** Keeps the quotient finite, as torch.nn.utils.clip_grad_norm_ has it. */
export const CLIP_EPS = 1e-6;
