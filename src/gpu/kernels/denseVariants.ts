// The constants that make one dense kernel serve ReLU-L1, Gated and JumpReLU.
import type { JumpReluMode } from '../../core/sae/architecture';
import { LATENT_VECTORS, type DenseKind } from '../../core/train/denseLoss';

/** kind, with JumpReLU's mode */
export type DenseVariant = 'relu' | 'gated' | `jumprelu ${JumpReluMode}`;

/** Column sums of dense_delta.wgsl, in its order. */
export const DENSE_SLOTS: Readonly<Record<DenseKind, number>> = { relu: 3, gated: 5, jumprelu: 7 };

/** What KIND and MODE are compared with in the shaders. */
const KINDS = { RELU: 0, GATED: 1, JUMPRELU: 2 } as const;
const MODES = { TANH: 1, QUADRATIC: 2, STEP: 3 } as const;

function constants(kind: DenseKind, KIND: number, MODE = 0) {
  return {
    ...KINDS,
    ...MODES,
    KIND,
    MODE,
    SLOTS: DENSE_SLOTS[kind],
    VECTORS: LATENT_VECTORS[kind].length,
  };
}

/** For kernels that tell JumpReLU's modes apart. */
export const LOSS_VARIANTS = {
  relu: constants('relu', KINDS.RELU),
  gated: constants('gated', KINDS.GATED),
  'jumprelu tanh': constants('jumprelu', KINDS.JUMPRELU, MODES.TANH),
  'jumprelu quadratic': constants('jumprelu', KINDS.JUMPRELU, MODES.QUADRATIC),
  'jumprelu step': constants('jumprelu', KINDS.JUMPRELU, MODES.STEP),
} as const satisfies Record<DenseVariant, unknown>;

/** For kernels to which the mode is all one. */
export const KIND_VARIANTS = {
  relu: LOSS_VARIANTS.relu,
  gated: LOSS_VARIANTS.gated,
  jumprelu: constants('jumprelu', KINDS.JUMPRELU),
} as const satisfies Record<DenseKind, unknown>;

export type DecoderNorm = 'unit' | 'free';

/** Each variant with rows of W_dec that keep unit norm, and with rows that do not. */
export function withDecoderNorm<V extends string, K extends string>(
  variants: Readonly<Record<V, Readonly<Record<K, number>>>>,
): Record<`${V}, ${DecoderNorm} norm`, Readonly<Record<K | 'UNIT_NORM', number | boolean>>> {
  return Object.fromEntries(
    Object.entries<Readonly<Record<K, number>>>(variants).flatMap(([name, own]) => [
      [`${name}, unit norm`, { ...own, UNIT_NORM: true }],
      [`${name}, free norm`, { ...own, UNIT_NORM: false }],
    ]),
  ) as Record<`${V}, ${DecoderNorm} norm`, Readonly<Record<K | 'UNIT_NORM', number | boolean>>>;
}
