// Twins of dense_latent_gradient.wgsl, dense_bdec_adam.wgsl's clip, dense_update.wgsl and dense_dead.wgsl:
// one latent at a time, in f64.
import { dot, norm, sumOfSquares } from '../numeric/vectors';
import { CLIP_EPS, type DenseLoss } from '../train/denseLoss';
import { adamReference, type AdamStep, type AdamVector } from './adam';

export type LatentGradientCase = {
  loss: DenseLoss;
  rows: number;
  decoderNorm: 'unit' | 'free';
  /** this latent's column sums, as dense_delta.wgsl orders them */
  totals: readonly number[];
  /** n_i */
  norm: number;
  w: readonly number[];
  gradEnc: readonly number[];
  gradDec: readonly number[];
  /** of the whole batch */
  l0: number;
};

export function denseLatentGradientReference(c: LatentGradientCase): {
  gradDec: number[];
  vectors: number[];
  norm2: number;
} {
  const { w, decoderNorm } = c;
  const pull = decoderNorm === 'unit' ? 0 : normGradient(c) / c.norm;
  const along = decoderNorm === 'unit' ? dot(c.gradDec, w) / dot(w, w) : 0;
  const gradDec = c.gradDec.map((g, i) => g + (pull - along) * w[i]!);
  const vectors = vectorGradients(c);
  const norm2 = [gradDec, c.gradEnc, vectors].reduce((sum, g) => sum + sumOfSquares(g), 0);
  return { gradDec, vectors, norm2 };
}

function normGradient({ loss, totals, rows }: LatentGradientCase): number {
  if (loss.kind === 'relu') return (loss.penalty / rows) * totals[2]!;
  return loss.kind === 'jumprelu' ? totals[4]! : 0;
}

function vectorGradients({ loss, totals, rows, l0 }: LatentGradientCase): number[] {
  switch (loss.kind) {
    case 'relu':
      return [totals[1]!];
    case 'gated':
      return [totals[1]!, totals[2]!, totals[3]!];
    case 'jumprelu': {
      const perStep = {
        tanh: 0,
        step: loss.penalty / rows,
        quadratic: (2 * loss.penalty * (l0 / loss.targetL0 - 1)) / loss.targetL0 / rows,
      }[loss.mode];
      return [totals[1]!, totals[2]! - (perStep / loss.bandwidth) * totals[3]!];
    }
  }
}

/** Global norm and the factor of every gradient. */
export function clipReference(
  norm2: ArrayLike<number>,
  b_dec: ArrayLike<number>,
  clipNorm: number,
): { norm: number; factor: number } {
  const squares = Array.from(norm2).reduce((sum, value) => sum + value, 0) + sumOfSquares(b_dec);
  const norm = Math.sqrt(squares);
  return { norm, factor: clipNorm > 0 ? Math.min(1, clipNorm / (norm + CLIP_EPS)) : 1 };
}

export type DenseLatentState = { enc: AdamVector; dec: AdamVector; vectors: AdamVector };

export function denseUpdateReference(
  state: DenseLatentState,
  gradients: { enc: readonly number[]; dec: readonly number[]; vectors: readonly number[] },
  o: { factor: number; adam: AdamStep; decoderNorm: 'unit' | 'free' },
): DenseLatentState {
  const scaled = (g: readonly number[]) => g.map((value) => o.factor * value);
  const dec = adamReference(state.dec, scaled(gradients.dec), o.adam);
  const length = o.decoderNorm === 'unit' ? norm(dec.p) : 1;
  return {
    enc: adamReference(state.enc, scaled(gradients.enc), o.adam),
    dec: { ...dec, p: dec.p.map((value) => value / length) },
    vectors: adamReference(state.vectors, scaled(gradients.vectors), o.adam),
  };
}

/** Stops one below the largest u32. */
export function denseDeadReference(
  fired: ArrayLike<number>,
  tokensSinceFired: Uint32Array,
  rows: number,
): Uint32Array {
  return tokensSinceFired.map((since, latent) =>
    fired[latent]! > 0 ? 0 : Math.min(since + rows, 0xfffffffe),
  );
}
