// How each latent varies with each entry of the SAE's input over a text, from running sums: the "correlated neurons" of
// SAEDashboard, where a neuron is an entry of what the SAE reads. Pure.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

export type NeuronSums = {
  d_sae: number;
  d_in: number;
  tokens: number;
  /** Σ f, Σ f² [d_sae]; Σ x, Σ x² [d_in]; Σ f·x [d_sae, d_in] */
  actSum: Float64Array;
  actSum2: Float64Array;
  inSum: Float64Array;
  inSum2: Float64Array;
  product: Float64Array;
};

export type CorrelatedNeuron = { index: number; pearson: number; cosine: number };

export function makeNeuronSums({ d_sae, d_in }: { d_sae: number; d_in: number }): NeuronSums {
  return {
    d_sae,
    d_in,
    tokens: 0,
    actSum: new Float64Array(d_sae),
    actSum2: new Float64Array(d_sae),
    inSum: new Float64Array(d_in),
    inSum2: new Float64Array(d_in),
    product: new Float64Array(d_sae * d_in),
  };
}

/** code: of the rows `rows` of x [*, d_in], in that order. */
export function addNeuronRows(
  sums: NeuronSums,
  code: SparseCode,
  { x, rows }: { x: Float32Array; rows: Uint32Array },
): void {
  const { d_in, product } = sums;
  for (const [token, row] of rows.entries()) {
    const input = x.subarray(row * d_in, (row + 1) * d_in);
    for (let d = 0; d < d_in; d++) {
      const value = input[d]!;
      sums.inSum[d]! += value;
      sums.inSum2[d]! += value * value;
    }
    for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
      const latent = code.latentIndices[slot]!;
      if (latent === EMPTY_SLOT) continue;
      const act = code.latentActs[slot]!;
      sums.actSum[latent]! += act;
      sums.actSum2[latent]! += act * act;
      const at = latent * d_in;
      for (let d = 0; d < d_in; d++) product[at + d]! += act * input[d]!;
    }
  }
  sums.tokens += rows.length;
}

/** The `count` entries with the largest Pearson correlation, largest first; none for a latent that did not fire. */
export function correlatedNeurons(
  sums: NeuronSums,
  latent: number,
  count: number,
): CorrelatedNeuron[] {
  const { d_in, tokens: n, product } = sums;
  const [sum, sum2] = [sums.actSum[latent]!, sums.actSum2[latent]!];
  const actSpread = n * sum2 - sum ** 2;
  if (!(actSpread > 0)) return [];
  const all = Array.from({ length: d_in }, (_, index) => {
    const both = product[latent * d_in + index]!;
    const [inSum, inSum2] = [sums.inSum[index]!, sums.inSum2[index]!];
    const inSpread = n * inSum2 - inSum ** 2;
    return {
      index,
      pearson: inSpread > 0 ? (n * both - sum * inSum) / Math.sqrt(actSpread * inSpread) : 0,
      cosine: inSum2 > 0 ? both / Math.sqrt(sum2 * inSum2) : 0,
    };
  });
  return all.sort((a, b) => b.pearson - a.pearson || a.index - b.index).slice(0, count);
}
