// Losses and their derivatives per slot for ReLU-L1, Gated and JumpReLU (sae.md §5–7): from ∂L/∂f of each slot to
// ∂L/∂preAct, and to what the vectors and the decoder's norms get. Its twin is core/reference/denseGradients.ts.
import type { DenseLoss } from '../../core/train/denseLoss';
import type { DenseSlots, LatentVectors } from './denseCode';

/** Sums over the batch, [d_sae] each, in f64: ∂L/∂ of the vectors and of n. */
export type LatentSums = { norm: Float64Array } & Record<keyof LatentVectors, Float64Array>;

export function makeLatentSums(d_sae: number): LatentSums {
  const zeros = () => new Float64Array(d_sae);
  return { norm: zeros(), b_enc: zeros(), b_mag: zeros(), r_mag: zeros(), threshold: zeros() };
}

export type DenseGradientCase = {
  loss: DenseLoss;
  slots: DenseSlots;
  vectors: LatentVectors;
  /** n_i, [d_sae] */
  norms: Float32Array;
  rows: number;
  /** mean active latents a row */
  l0: number;
  /** 1 where the latent was dead before this step */
  isDead: Uint8Array;
  /** ∂L/∂f of each slot through the reconstruction; replaced by ∂L/∂preAct */
  deltas: Float32Array;
  /** Gated: the same through the auxiliary reconstruction */
  gateDeltas: Float32Array;
};

/** Turns `deltas` into ∂L/∂preAct, adds to `sums`, and returns the penalty and JumpReLU's pre-activation loss, with
 *  their coefficients. */
export function denseGradient(
  o: DenseGradientCase,
  sums: LatentSums,
): { sparsityLoss: number; preActLoss: number } {
  switch (o.loss.kind) {
    case 'relu':
      return reluGradient(o, o.loss.penalty, sums);
    case 'gated':
      return gatedGradient(o, o.loss.penalty, sums);
    case 'jumprelu':
      return jumpReluGradient(o, o.loss, sums);
  }
}

function reluGradient(o: DenseGradientCase, penalty: number, sums: LatentSums) {
  const { slots, norms, deltas } = o;
  const perToken = penalty / o.rows;
  let sparsityLoss = 0;
  for (let slot = 0; slot < slots.starts.at(-1)!; slot++) {
    const latent = slots.latents[slot]!;
    const act = slots.acts[slot]!;
    deltas[slot]! += perToken * norms[latent]!;
    sums.norm[latent]! += perToken * act;
    sums.b_enc[latent]! += deltas[slot]!;
    sparsityLoss += perToken * act * norms[latent]!;
  }
  return { sparsityLoss, preActLoss: 0 };
}

function gatedGradient(o: DenseGradientCase, penalty: number, sums: LatentSums) {
  const { slots, vectors, deltas, gateDeltas } = o;
  const perToken = penalty / o.rows;
  let sparsityLoss = 0;
  for (let slot = 0; slot < slots.starts.at(-1)!; slot++) {
    const latent = slots.latents[slot]!;
    const scale = Math.exp(vectors.r_mag[latent]!);
    const magnitude = slots.acts[slot]! > 0 ? deltas[slot]! : 0;
    const gate = gateDeltas[slot]! + perToken;
    deltas[slot] = scale * magnitude + gate;
    sums.b_enc[latent]! += gate;
    sums.b_mag[latent]! += magnitude;
    sums.r_mag[latent]! += magnitude * scale * slots.preActs[slot]!;
    sparsityLoss += perToken * slots.gateActs[slot]!;
  }
  return { sparsityLoss, preActLoss: 0 };
}

function jumpReluGradient(
  o: DenseGradientCase,
  loss: Extract<DenseLoss, { kind: 'jumprelu' }>,
  sums: LatentSums,
) {
  const { slots, vectors, norms, deltas, rows, l0 } = o;
  const { mode, penalty, bandwidth, tanhScale: c } = loss;
  // ∂ penalty / ∂ (one Step(h)): used only by the straight-through estimator.
  const perStep =
    mode === 'step'
      ? penalty / rows
      : mode === 'quadratic'
        ? (2 * penalty * (l0 / loss.targetL0 - 1)) / (loss.targetL0 * rows)
        : 0;
  const push = loss.preActPenalty / rows;
  let tanhLoss = 0;
  let preActLoss = 0;
  for (let slot = 0; slot < slots.starts.at(-1)!; slot++) {
    const latent = slots.latents[slot]!;
    const z = slots.preActs[slot]!;
    const f = slots.acts[slot]!;
    const n = norms[latent]!;
    const raw = vectors.threshold[latent]!;
    const T = Math.max(raw, 0);
    let dAct = deltas[slot]!;
    if (mode === 'tanh') {
      const slope = ((penalty / rows) * c) / Math.cosh(c * f * n) ** 2;
      dAct += slope * n;
      sums.norm[latent]! += slope * f;
      tanhLoss += (penalty / rows) * Math.tanh(c * f * n);
    }
    let delta = z > T ? dAct : 0;
    if (raw > 0 && Math.abs(z - T) < bandwidth / 2) {
      sums.threshold[latent]! -= (T * dAct + perStep) / bandwidth;
    }
    if (o.isDead[latent] === 1 && raw > z) {
      delta -= push * n;
      sums.threshold[latent]! += push * n;
      sums.norm[latent]! += push * (raw - z);
      preActLoss += push * (raw - z) * n;
    }
    deltas[slot] = delta;
    sums.b_enc[latent]! += delta;
  }
  return { sparsityLoss: sparsityOf(loss, l0, tanhLoss), preActLoss };
}

function sparsityOf(
  { mode, penalty, targetL0 }: Extract<DenseLoss, { kind: 'jumprelu' }>,
  l0: number,
  tanhLoss: number,
): number {
  if (mode === 'tanh') return tanhLoss;
  return mode === 'step' ? penalty * l0 : penalty * (l0 / targetL0 - 1) ** 2;
}
