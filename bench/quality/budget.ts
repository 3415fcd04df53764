// What the quality bench trains: one budget for every side and architecture, and who the sides are. The
// recipe itself is SaeConfig's; this file only names sizes.
import {
  ARCHITECTURES,
  type ArchitectureInput,
  type SaeArchitecture,
} from '../../src/core/sae/architecture';
import type { HookPoint } from '../../src/core/activations/hookPoint';
import { makeSaeConfig, type SaeConfig } from '../../src/core/sae/sae';

export const HOOK: HookPoint = 'blocks.2.hook_resid_post';
export const CONTEXT = 256;
const BATCH = 512;
/** Steps of the ring: the order of rows is shuffled over all of them beforehand. */
const RING_STEPS = 10;
/** L0 at which the sides are compared. */
export const TARGET_L0 = 32;
/** Rows of the held-out file that peers see while their coefficient is sought. */
export const HELD_OUT_ROWS = 8192;

export type Budget = { tokens: number; d_sae: number };

/** `ours` and the four peers, in the order of the tables. */
export const SIDES = ['ours', 'torch', 'saelens', 'sparsify', 'sparsify-adam'] as const;
export type Side = (typeof SIDES)[number];

/** What the table and a cached run are called by. */
export type RunKey = { side: Side; architecture: SaeArchitecture; seed: number };

export function architecturesOf(side: Side): readonly SaeArchitecture[] {
  // Transcoders rebuild something else, which no other side here does.
  const saes = ARCHITECTURES.filter((architecture) => architecture !== 'transcoder');
  return side.startsWith('sparsify') ? ['topk'] : saes;
}

/** Whether L0 follows from a coefficient that must be sought, rather than from k. */
export function seeksL0(architecture: SaeArchitecture): boolean {
  return ['relu', 'gated', 'jumprelu'].includes(architecture);
}

/** What is turned to reach TARGET_L0: where to begin, and roughly d ln L0 / d ln coefficient. */
export const SEARCH: Partial<Record<SaeArchitecture, { start: number; exponent: number }>> = {
  relu: { start: 1.33, exponent: -1 },
  gated: { start: 2.05, exponent: -1.6 },
  jumprelu: { start: 2, exponent: -0.7 },
};

/** The recipe of one run; `coefficient` is λ. */
export function configOf(
  budget: Budget,
  { architecture, seed }: Pick<RunKey, 'architecture' | 'seed'>,
  coefficient: number | null,
  d_in: number,
): SaeConfig {
  return makeSaeConfig<SaeArchitecture>({
    hookPoint: HOOK,
    d_in,
    d_sae: budget.d_sae,
    tokens: budget.tokens,
    batchSize: BATCH,
    seed,
    contextSize: CONTEXT,
    ringRows: RING_STEPS * BATCH,
    ...ownFields(architecture, coefficient),
  });
}

function ownFields(architecture: SaeArchitecture, coefficient: number | null): ArchitectureInput {
  switch (architecture) {
    case 'topk':
    case 'transcoder':
    case 'batchtopk':
    case 'matryoshka':
      return { architecture, k: TARGET_L0 };
    case 'relu':
    case 'gated':
      return coefficient === null ? { architecture } : { architecture, l1Coefficient: coefficient };
    case 'jumprelu':
      return {
        architecture,
        mode: 'tanh',
        ...(coefficient === null ? {} : { sparsityCoefficient: coefficient }),
      };
    default:
      return architecture satisfies never;
  }
}
