// Adam's settings of each architecture unless the caller says otherwise (sae.md §2). Knows no other field.
import type { SaeArchitecture } from './architecture';
import { stepsOf, type RunShape } from './runShape';

/** Fields with which an architecture is trained unless the caller says otherwise. */
export type OptimiserFields = {
  lr: number;
  adamBeta1: number;
  adamBeta2: number;
  adamEps: number;
  applyBDecToInput: boolean;
};

/** sae.md §2's table. */
export function optimiserDefaults(architecture: SaeArchitecture, shape: RunShape): OptimiserFields {
  const base = { adamBeta1: 0.9, adamBeta2: 0.999, applyBDecToInput: true };
  switch (architecture) {
    case 'topk':
    case 'batchtopk':
    case 'matryoshka':
      // From 2406.04093 fig. 3; eps as OpenAI's.
      return { ...base, lr: 2e-4 * Math.sqrt(2 ** 14 / shape.d_sae), adamEps: 6.25e-10 };
    case 'relu':
      return { ...base, lr: denseLr(shape), adamEps: 1e-8 };
    case 'gated':
      return { ...base, lr: denseLr(shape), adamEps: 1e-8, adamBeta1: 0 };
    case 'jumprelu':
      return { ...base, lr: denseLr(shape), adamEps: 1e-8, applyBDecToInput: false };
    default:
      return architecture satisfies never;
  }
}

function denseLr(shape: RunShape): number {
  return Math.min(1e-3, Math.max(5e-5, 2 / stepsOf(shape)));
}
