// Default Adam settings of each architecture (sae.md §2). Knows no other field.
import type { SaeArchitecture } from './architecture';
import { stepsOf, type RunShape } from './runShape';

/** Optimiser fields whose defaults depend on the architecture. */
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
      // eps as OpenAI's.
      return { ...base, lr: chosenLr(shape), adamEps: 6.25e-10 };
    case 'transcoder':
      // Input and output are different spaces.
      return { ...base, lr: chosenLr(shape), adamEps: 6.25e-10, applyBDecToInput: false };
    case 'relu':
      return { ...base, lr: denseLr(shape, 4e-3), adamEps: 1e-8 };
    case 'gated':
      return { ...base, lr: denseLr(shape, 4e-3), adamEps: 1e-8, adamBeta1: 0 };
    case 'jumprelu':
      // The default coefficient reaches targetL0 at this rate; at higher rates L0 falls far below
      // (docs/quality.md).
      return { ...base, lr: denseLr(shape, 1e-3), adamEps: 1e-8, applyBDecToInput: false };
    default:
      return architecture satisfies never;
  }
}

/** 2406.04093 fig. 3 for long runs, our own rule for short ones: over 300 steps the figure's rate
 *  explains 0.75 of the variance, this one 0.84 (docs/quality.md). */
function chosenLr(shape: RunShape): number {
  return Math.max(2e-4 * Math.sqrt(2 ** 14 / shape.d_sae), Math.min(8e-3, 2 / stepsOf(shape)));
}

/** Over 300 steps ReLU explains 0.64 of the variance with `most` 1e-3 and 0.79 with 4e-3, at equal L0
 *  (docs/quality.md). */
function denseLr(shape: RunShape, most: number): number {
  return Math.min(most, Math.max(5e-5, 2 / stepsOf(shape)));
}
