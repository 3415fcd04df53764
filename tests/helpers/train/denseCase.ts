// Seeded inputs for the dense kernels: a plan per loss at an awkward shape, and column sums that hold
// whole counts where the kernels count.
import type { JumpReluMode } from '../../../src/core/sae/architecture';
import { LATENT_VECTORS, type DenseLoss } from '../../../src/core/train/denseLoss';
import { makeRng } from '../../../src/core/numeric/rng';
import type { GpuContext } from '../../../src/gpu/device/device';
import {
  makeDensePlan,
  type DensePlan,
  type DenseSettings,
} from '../../../src/gpu/train/densePlan';
import { denseStep } from '../../../src/gpu/kernels/denseStep';
import { gaussian } from '../cases';

const jump = (mode: JumpReluMode): DenseLoss => ({
  kind: 'jumprelu',
  mode,
  penalty: 0.7,
  bandwidth: 0.9,
  tanhScale: 4,
  targetL0: 3,
  preActPenalty: 0.2,
});

export const DENSE_LOSSES: readonly { name: string; loss: DenseLoss }[] = [
  { name: 'relu', loss: { kind: 'relu', penalty: 0.7 } },
  { name: 'gated', loss: { kind: 'gated', penalty: 0.7 } },
  { name: 'jumprelu tanh', loss: jump('tanh') },
  { name: 'jumprelu quadratic', loss: jump('quadratic') },
  { name: 'jumprelu step', loss: jump('step') },
];

/** d 48, 30, 80: no multiple of 64, no multiple of 4; n 130, 65, 96: off the tile; 70 rows: two parts. */
export const DENSE_SHAPES = [
  { rows: 1, d_in: 4, d_sae: 1 },
  { rows: 33, d_in: 48, d_sae: 130 },
  { rows: 70, d_in: 30, d_sae: 65 },
] as const;
export type DenseCaseShape = { rows: number; d_in: number; d_sae: number };

/** Variants for a GPU wait at barriers, which a software driver compiles slowly, anew for every loss and shape: there gated,
 *  which does most, meets every shape, and the others the one that fits nothing; the rest is `npm run test:long`. */
export function isLongShape(
  { kind }: DenseLoss,
  as: 'software' | 'gpu',
  shape: DenseCaseShape,
): boolean {
  return as === 'gpu' && kind !== 'gated' && shape !== DENSE_SHAPES[1];
}

export function densePlan(
  context: GpuContext,
  shape: DenseCaseShape,
  loss: DenseLoss,
  o: Partial<DenseSettings> = {},
): DensePlan {
  return makeDensePlan(context.caps, {
    ...shape,
    loss,
    decoderNorm: 'free',
    applyBDecToInput: true,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    deadAfterTokens: 100,
    clipNorm: 1,
    ...o,
  });
}

/** The step uniform: step 3, lr 0.01. */
export function stepUniform(plan: DensePlan): Uint32Array {
  return denseStep(plan, { step: 3, lr: 0.01, loss: plan.loss });
}

/** [V, 3, d_sae]; r_mag and θ near 0.1, so that windows and gates are met from both sides. */
export function denseVectors({ loss, d_sae }: DensePlan, seed: number): Float32Array {
  const out = gaussian(LATENT_VECTORS[loss.kind].length * 3 * d_sae, seed, 0.2);
  // v is never negative.
  return out.map((value, at) => (Math.floor(at / d_sae) % 3 === 2 ? Math.abs(value) : value));
}

/** Value of each vector for one latent. */
export function latentVectors(vectors: Float32Array, d_sae: number, latent: number): number[] {
  const count = vectors.length / (3 * d_sae);
  return Array.from({ length: count }, (_, which) => vectors[3 * which * d_sae + latent]!);
}

/** [slots, d_sae]: slot 0 counts rows. */
export function denseTotalsCase({ slots, d_sae, rows }: DensePlan, seed: number): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length: slots * d_sae }, (_, at) =>
    at < d_sae ? rng.below(rows + 1) : rng.normal(),
  );
}
