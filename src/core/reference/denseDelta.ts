// Twins of dense_activate.wgsl, dense_delta.wgsl and dense_totals.wgsl: one entry at a time, in f64.
import type { DenseLoss } from '../train/denseLoss';

/** One latent: its vectors in LATENT_VECTORS' order, its norm, whether it was dead. */
export type DenseLatent = { vectors: readonly number[]; norm: number; isDead: boolean };

/** f of one pre-activation (Gated: of u), and Gated's ReLU(π_g). */
export function denseActivateReference(
  kind: DenseLoss['kind'],
  z: number,
  { vectors }: Pick<DenseLatent, 'vectors'>,
): { f: number; gate: number } {
  const [first = 0, second = 0, third = 0] = vectors;
  switch (kind) {
    case 'relu':
      return { f: Math.max(z, 0), gate: 0 };
    case 'jumprelu':
      return { f: z > Math.max(second, 0) ? z : 0, gate: 0 };
    case 'gated': {
      const gate = Math.max(z + first, 0);
      return { f: gate > 0 ? Math.max(Math.exp(third) * z + second, 0) : 0, gate };
    }
  }
}

export type DeltaEntry = {
  /** pre-activation (Gated: u) */
  z: number;
  /** ∂mse/∂f */
  grad: number;
  /** Gated: ∂L_aux/∂ReLU(π_g) */
  gateGrad: number;
  latent: DenseLatent;
  loss: DenseLoss;
  rows: number;
};

/** ∂L/∂(xc·W_enc) of one entry, and what it adds to each of dense_delta.wgsl's column sums. */
export function denseDeltaReference(o: DeltaEntry): { delta: number; sums: number[] } {
  switch (o.loss.kind) {
    case 'relu':
      return reluDelta(o);
    case 'gated':
      return gatedDelta(o);
    case 'jumprelu':
      return jumpReluDelta(o, o.loss);
  }
}

function reluDelta({ z, grad, latent, loss, rows }: DeltaEntry) {
  if (z <= 0) return { delta: 0, sums: [0, 0, 0] };
  const delta = grad + (loss.penalty / rows) * latent.norm;
  return { delta, sums: [1, delta, z] };
}

function gatedDelta({ z, grad, gateGrad, latent, loss, rows }: DeltaEntry) {
  const { f, gate } = denseActivateReference('gated', z, latent);
  const scale = Math.exp(latent.vectors[2]!);
  const magnitude = f > 0 ? grad : 0;
  const gateDelta = gate > 0 ? gateGrad + loss.penalty / rows : 0;
  return {
    delta: scale * magnitude + gateDelta,
    sums: [f > 0 ? 1 : 0, gateDelta, magnitude, magnitude * scale * z, gate],
  };
}

function jumpReluDelta(o: DeltaEntry, loss: Extract<DenseLoss, { kind: 'jumprelu' }>) {
  const { z, latent, rows } = o;
  const theta = latent.vectors[1]!;
  const T = Math.max(theta, 0);
  const f = z > T ? z : 0;
  const isTanh = loss.mode === 'tanh';
  const t = isTanh ? Math.tanh(loss.tanhScale * f * latent.norm) : 0;
  const slope = isTanh ? (loss.penalty / rows) * loss.tanhScale * (1 - t * t) : 0;
  const grad = o.grad + slope * latent.norm;
  const inWindow = theta > 0 && Math.abs((z - T) / loss.bandwidth) < 0.5;
  const shortOf = latent.isDead ? Math.max(theta - z, 0) : 0;
  const perPush = loss.preActPenalty / rows;
  const push = shortOf > 0 ? perPush * latent.norm : 0;
  const delta = (z > T ? grad : 0) - push;
  return {
    delta,
    sums: [
      z > T ? 1 : 0,
      delta,
      push - (inWindow ? (T / loss.bandwidth) * grad : 0),
      inWindow ? 1 : 0,
      slope * f + perPush * shortOf,
      t,
      shortOf * latent.norm,
    ],
  };
}

/** [slots, columns] from [parts, slots, columns]. */
export function denseTotalsReference(
  columnParts: ArrayLike<number>,
  { parts, width }: { parts: number; width: number },
): Float64Array {
  const totals = new Float64Array(width);
  for (let index = 0; index < parts * width; index++) totals[index % width]! += columnParts[index]!;
  return totals;
}
