// Seeded inputs for the backward kernels: a plan at an awkward shape, codes with empty slots.
import { makeRng } from '../../../src/core/numeric/rng';
import {
  EMPTY_SLOT,
  makeSaeConfig,
  type SparseCode,
  type TopKConfig,
  type TranscoderConfig,
} from '../../../src/core/sae/sae';
import type { GradedCode } from '../../../src/core/reference/csc';
import type { GpuContext } from '../../../src/gpu/device/device';
import { makeTrainerPlan, type TrainerPlan } from '../../../src/gpu/train/trainerPlan';
import { gaussian } from '../cases';

export type CaseShape = { rows: number; d_in: number; d_sae: number; k: number; k_aux?: number };

export function caseConfig(shape: CaseShape, o: Partial<TopKConfig> = {}): TopKConfig {
  return makeSaeConfig(caseInput(shape, o));
}

export function transcoderConfig(
  shape: CaseShape,
  o: Partial<TranscoderConfig> = {},
): TranscoderConfig {
  const input = caseInput(shape, {});
  const hookPoint = 'blocks.0.ln2.hook_normalized';
  return makeSaeConfig({ ...input, architecture: 'transcoder', hookPoint, ...o });
}

function caseInput(shape: CaseShape, o: Partial<TopKConfig>) {
  const { rows, d_in, d_sae, k } = shape;
  return {
    architecture: 'topk' as const,
    hookPoint: 'blocks.0.hook_resid_post' as const,
    d_in,
    d_sae,
    k,
    batchSize: rows,
    tokens: 20 * rows,
    seed: 1,
    contextSize: 16,
    ringRows: rows,
    lr: 1e-2,
    warmupSteps: 1,
    ...(shape.k_aux === undefined ? {} : { k_aux: shape.k_aux }),
    ...o,
  };
}

export function casePlan(
  context: GpuContext,
  shape: CaseShape,
  o: Partial<TopKConfig> = {},
): TrainerPlan {
  return makeTrainerPlan(context.caps, caseConfig(shape, o));
}

/** Distinct latents of `among` in each row, between 0 and k of them, positive acts. */
export function randomCode(o: {
  rows: number;
  k: number;
  among: ArrayLike<number>;
  seed: number;
  /** every slot used, as far as `among` reaches */
  full?: boolean;
}): GradedCode {
  const { rows, k, among } = o;
  const rng = makeRng(o.seed);
  const code: SparseCode = {
    k,
    latentIndices: new Uint32Array(rows * k).fill(EMPTY_SLOT),
    latentActs: new Float32Array(rows * k),
  };
  for (let row = 0; row < rows; row++) {
    const pool = Array.from(among);
    const most = Math.min(k, pool.length);
    const used = o.full === true ? most : rng.below(most + 1);
    for (let slot = 0; slot < used; slot++) {
      const at = rng.below(pool.length);
      code.latentIndices[row * k + slot] = pool.splice(at, 1)[0]!;
      code.latentActs[row * k + slot] = 0.1 + Math.abs(rng.normal());
    }
  }
  const preActGrad = gaussian(rows * k, o.seed + 100, 0.01);
  return {
    ...code,
    preActGrad: preActGrad.map((g, slot) => (code.latentIndices[slot] === EMPTY_SLOT ? 0 : g)),
  };
}

/** d 48, 80: no multiple of the 64 lanes; 64: exactly; 30: padded rows; B 33 and n 130, 65: odd tails. */
export const SHAPES: readonly CaseShape[] = [
  { rows: 1, d_in: 4, d_sae: 1, k: 1, k_aux: 1 },
  { rows: 33, d_in: 48, d_sae: 130, k: 5, k_aux: 7 },
  { rows: 33, d_in: 30, d_sae: 65, k: 65, k_aux: 15 },
  { rows: 70, d_in: 80, d_sae: 96, k: 8, k_aux: 40 },
  { rows: 64, d_in: 320, d_sae: 64, k: 3, k_aux: 64 },
];

export function describeShape({ rows, d_in, d_sae, k, k_aux }: CaseShape): string {
  return `B ${rows}, d ${d_in}, n ${d_sae}, k ${k}, k_aux ${k_aux ?? 'default'}`;
}

export function range(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}
