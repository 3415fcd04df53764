// Twin of latent_update.wgsl, and of bdec_grad.wgsl and bdec_adam.wgsl: gradients from the code by latent,
// projection, Adam, renormalisation. float64.
import { dot, norm } from '../numeric/vectors';
import { adamReference, type AdamStep, type AdamVector } from './adam';
import type { Csc } from './csc';

export type LatentUpdateCase = {
  csc: Csc;
  /** [rows, d] */
  xc: Float32Array;
  /** [2·rows, d]; the second half is AuxK's and shares xc */
  gradient: Float32Array;
  rows: number;
  d: number;
  adam: AdamStep;
};

/** One latent: its row of W_enc, its row of W_dec, its b_enc, each with its moments. */
export type LatentState = { enc: AdamVector; dec: AdamVector; bias: AdamVector };

export function latentUpdateReference(
  c: LatentUpdateCase,
  latent: number,
  state: LatentState,
): LatentState {
  const { csc, xc, gradient, rows, d } = c;
  const gEnc = new Float64Array(d);
  const gDec = new Float64Array(d);
  let gBias = 0;
  for (const entry of csc.entries.slice(csc.offsets[latent], csc.offsets[latent + 1])) {
    for (let i = 0; i < d; i++) {
      gEnc[i]! += entry.delta * xc[(entry.row % rows) * d + i]!;
      gDec[i]! += entry.act * gradient[entry.row * d + i]!;
    }
    gBias += entry.delta;
  }
  const w = state.dec.p;
  const along = dot(gDec, w) / dot(w, w);
  const projected = gDec.map((g, i) => g - along * w[i]!);
  const dec = adamReference(state.dec, projected, c.adam);
  const length = norm(dec.p);
  dec.p = dec.p.map((value) => value / length);
  return {
    enc: adamReference(state.enc, gEnc, c.adam),
    dec,
    bias: adamReference(state.bias, [gBias], c.adam),
  };
}

/** ∂L/∂b_dec = Σ_b gradient (first `rows` only) − W_enc·(Σ_b δ), the second iff `centred`. */
export function bdecGradReference(
  c: Pick<LatentUpdateCase, 'csc' | 'gradient' | 'rows' | 'd'>,
  W_enc: Float32Array,
  centred: boolean,
): Float64Array {
  const { csc, gradient, rows, d } = c;
  const g = new Float64Array(d);
  for (let index = 0; index < rows * d; index++) g[index % d]! += gradient[index]!;
  if (!centred) return g;
  for (let latent = 0; latent < csc.offsets.length - 1; latent++) {
    const own = csc.entries.slice(csc.offsets[latent], csc.offsets[latent + 1]);
    const delta = own.reduce((sum, entry) => sum + entry.delta, 0);
    for (let i = 0; i < d; i++) g[i]! -= delta * W_enc[latent * d + i]!;
  }
  return g;
}
