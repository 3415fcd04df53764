// Twins of dense_error.wgsl, decoder_norms.wgsl, dense_stats.wgsl and dense_bdec_path.wgsl: f64, tight
// matrices. `totals` are [slots, d_sae], as dense_delta.wgsl orders them.
import type { DenseLoss } from '../train/denseLoss';

/** gradScale · (product + b_dec − x); xc = x − b_dec where centred. All [rows, d]. */
export function denseErrorReference(
  product: ArrayLike<number>,
  xc: ArrayLike<number>,
  b_dec: ArrayLike<number>,
  o: { gradScale: number; centred: boolean },
): Float64Array {
  const d = b_dec.length;
  return Float64Array.from(product, (value, index) => {
    const shift = o.centred ? 0 : b_dec[index % d]!;
    return o.gradScale * (value + shift - xc[index]!);
  });
}

/** Length of each row. */
export function decoderNormsReference(W_dec: ArrayLike<number>, d: number): Float64Array {
  const squares = new Float64Array(W_dec.length / d);
  for (let index = 0; index < W_dec.length; index++)
    squares[Math.floor(index / d)]! += W_dec[index]! ** 2;
  return squares.map(Math.sqrt);
}

export type StatsCase = {
  loss: DenseLoss;
  rows: number;
  totals: ArrayLike<number>;
  norms: ArrayLike<number>;
  /** ∂L/∂x̂ [rows, d] = −gradScale·e, and Gated's auxiliary one */
  gradient: Float32Array;
  gateGradient: Float32Array;
};

export function denseStatsReference(c: StatsCase) {
  const { loss, rows, totals, norms } = c;
  const n = norms.length;
  const sum = (slot: number, of: (value: number, latent: number) => number = (value) => value) => {
    let all = 0;
    for (let latent = 0; latent < n; latent++) all += of(totals[slot * n + latent]!, latent);
    return all;
  };
  const meanSquare = (gradient: Float32Array) =>
    gradient.reduce((all, g) => all + (g * rows * 0.5) ** 2, 0) / rows;
  const l0 = sum(0) / rows;
  const perToken = loss.penalty / rows;
  const shared = { mse: meanSquare(c.gradient), l0 };
  switch (loss.kind) {
    case 'relu':
      return {
        ...shared,
        sparsityLoss: perToken * sum(2, (f, latent) => f * norms[latent]!),
        auxLoss: 0,
      };
    case 'gated':
      return { ...shared, sparsityLoss: perToken * sum(4), auxLoss: meanSquare(c.gateGradient) };
    case 'jumprelu': {
      const sparsityLoss = {
        tanh: perToken * sum(5),
        quadratic: loss.penalty * (l0 / loss.targetL0 - 1) ** 2,
        step: loss.penalty * l0,
      }[loss.mode];
      return { ...shared, sparsityLoss, auxLoss: (loss.preActPenalty / rows) * sum(6) };
    }
  }
}

/** Σ over each part's latents of W_enc[latent]·Σ_b δ, [parts, d]. r_mag: Gated's, else unused. */
export function denseBdecPathReference(
  kind: DenseLoss['kind'],
  totals: ArrayLike<number>,
  W_enc: ArrayLike<number>,
  o: { d: number; partLatents: number; r_mag: ArrayLike<number> },
): Float64Array {
  const n = W_enc.length / o.d;
  const out = new Float64Array(Math.ceil(n / o.partLatents) * o.d);
  for (let latent = 0; latent < n; latent++) {
    const first = totals[n + latent]!;
    const delta =
      kind === 'gated' ? first + Math.exp(o.r_mag[latent]!) * totals[2 * n + latent]! : first;
    const base = Math.floor(latent / o.partLatents) * o.d;
    for (let i = 0; i < o.d; i++) out[base + i]! += delta * W_enc[latent * o.d + i]!;
  }
  return out;
}
