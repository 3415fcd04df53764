// Twin of latent_update.wgsl, csc_blocks.wgsl, bdec_grad.wgsl and bdec_adam.wgsl: gradients from the code by
// latent, projection, Adam, renormalisation. float64.
import { dot, norm } from '../numeric/vectors';
import { adamReference, type AdamStep, type AdamVector } from './adam';
import type { Csc, CscEntry } from './csc';

type EntriesCase = {
  csc: Csc;
  /** [rows, d] */
  xc: Float32Array;
  /** [2·rows, d]; the second half is AuxK's and shares xc */
  gradient: Float32Array;
  rows: number;
  d: number;
};

export type LatentUpdateCase = EntriesCase & { adam: AdamStep };

/** One latent: its row of W_enc, its row of W_dec, its b_enc, each with its moments. */
export type LatentState = { enc: AdamVector; dec: AdamVector; bias: AdamVector };

type EntrySums = { enc: Float64Array; dec: Float64Array; bias: number };

function entrySums(c: EntriesCase, entries: readonly CscEntry[]): EntrySums {
  const { xc, gradient, rows, d } = c;
  const enc = new Float64Array(d);
  const dec = new Float64Array(d);
  let bias = 0;
  for (const entry of entries) {
    for (let i = 0; i < d; i++) {
      enc[i]! += entry.delta * xc[(entry.row % rows) * d + i]!;
      dec[i]! += entry.act * gradient[entry.row * d + i]!;
    }
    bias += entry.delta;
  }
  return { enc, dec, bias };
}

/** The sums of each block of `blockEntries` entries that lies wholly in one latent's list; null of the others. */
export function cscBlocksReference(c: EntriesCase, blockEntries: number): (EntrySums | null)[] {
  const { offsets, entries } = c.csc;
  return Array.from({ length: Math.floor(entries.length / blockEntries) }, (_, block) => {
    const [first, end] = [block * blockEntries, (block + 1) * blockEntries];
    const isWhole = offsets.some((at, latent) => at <= first && end <= (offsets[latent + 1] ?? 0));
    return isWhole ? entrySums(c, entries.slice(first, end)) : null;
  });
}

export function latentUpdateReference(
  c: LatentUpdateCase,
  latent: number,
  state: LatentState,
): LatentState {
  const { csc } = c;
  const own = csc.entries.slice(csc.offsets[latent], csc.offsets[latent + 1]);
  const { enc: gEnc, dec: gDec, bias: gBias } = entrySums(c, own);
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
