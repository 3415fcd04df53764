// The preludes that make one dense kernel serve ReLU-L1, Gated and JumpReLU.
import type { JumpReluMode } from '../../core/sae/architecture';
import { LATENT_VECTORS, type DenseKind } from '../../core/train/denseLoss';
import { lanes } from './lanes';

/** kind, with JumpReLU's mode */
export type DenseVariant = 'relu' | 'gated' | `jumprelu ${JumpReluMode}`;

export const DENSE_VARIANTS: readonly DenseVariant[] = [
  'relu',
  'gated',
  'jumprelu tanh',
  'jumprelu quadratic',
  'jumprelu step',
];

const KINDS = ['relu', 'gated', 'jumprelu'] as const;
const MODES = ['none', 'tanh', 'quadratic', 'step'] as const;

/** Column sums of dense_delta.wgsl, in its order. */
export const DENSE_SLOTS: Readonly<Record<DenseKind, number>> = { relu: 3, gated: 5, jumprelu: 7 };

function kindOf(variant: DenseVariant): DenseKind {
  return variant === 'relu' || variant === 'gated' ? variant : 'jumprelu';
}

/** Some variant of that kind, for kernels to which the mode is all one. */
export function variantOfKind(kind: DenseKind): DenseVariant {
  return kind === 'jumprelu' ? 'jumprelu step' : kind;
}

/** Constants KIND, MODE, SLOTS, VECTORS and the names that they are compared with. */
export function densePrelude(variant: DenseVariant): string {
  const kind = kindOf(variant);
  const mode = kind === 'jumprelu' ? variant.split(' ')[1]! : 'none';
  return [
    ...KINDS.map((name, at) => constant(name.toUpperCase(), at)),
    ...MODES.slice(1).map((name, at) => constant(name.toUpperCase(), at + 1)),
    constant('KIND', KINDS.indexOf(kind)),
    constant('MODE', MODES.indexOf(mode as (typeof MODES)[number])),
    constant('SLOTS', DENSE_SLOTS[kind]),
    constant('VECTORS', LATENT_VECTORS[kind].length),
  ].join('');
}

function constant(name: string, value: number): string {
  return `const ${name}: u32 = ${value}u;\n`;
}

/** One prelude per variant of `names`. */
export function preludes<N extends string>(
  names: readonly N[],
  prelude: (name: N) => string,
): Record<N, string> {
  return Object.fromEntries(names.map((name) => [name, prelude(name)])) as Record<N, string>;
}

type Adapter = 'gpu' | 'software';

/** Names and preludes of kernels whose workgroup width depends on the adapter. */
export function wideAndNarrow<N extends string>(
  names: readonly N[],
  prelude: (name: N) => string,
  width = 64,
): Record<`${N}, ${Adapter}`, string> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`${name}, gpu`, lanes(width) + prelude(name)],
      [`${name}, software`, lanes(8) + prelude(name)],
    ]),
  ) as Record<`${N}, ${Adapter}`, string>;
}

export type DecoderNorm = 'unit' | 'free';

export function unitNorm(norm: DecoderNorm): string {
  return `const UNIT_NORM: bool = ${norm === 'unit'};\n`;
}
