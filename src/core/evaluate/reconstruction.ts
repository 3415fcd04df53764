// Decoding on the CPU in f64, and the reconstruction quality reported at the end of a run.
import {
  addReconstruction,
  finishReconstruction,
  makeReconstructionSums,
  type ReconstructionMetrics as AllReconstruction,
} from './metrics/reconstructionMetrics';
import {
  addSparsity,
  finishSparsity,
  makeSparsitySums,
  type SparsityMetrics,
} from './metrics/sparsityMetrics';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../sae/sae';

/** saeOut of n tokens, [n, d_in], from their sparse code (sae.md §3: x̂ = f·W_dec + b_dec). */
export function reconstruct(params: SaeParams, code: SparseCode, n: number): Float64Array {
  const { d_in, W_dec, b_dec } = params;
  const out = new Float64Array(n * d_in);
  for (let token = 0; token < n; token++) {
    const row = token * d_in;
    for (let i = 0; i < d_in; i++) out[row + i] = b_dec[i]!;
    for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
      const latent = code.latentIndices[slot]!;
      if (latent === EMPTY_SLOT) continue;
      const act = code.latentActs[slot]!;
      const direction = latent * d_in;
      for (let i = 0; i < d_in; i++) out[row + i]! += act * W_dec[direction + i]!;
    }
  }
  return out;
}

/** The metrics of sae.md §10 that summarise a training run; the full set is in core/evaluate/metrics. */
export type ReconstructionMetrics = Pick<
  AllReconstruction,
  'tokens' | 'mse' | 'fvu' | 'explainedVariance'
> &
  Pick<SparsityMetrics, 'l0' | 'deadFractionEval'>;

export type ReconstructionMeter = {
  /** target: what is to be rebuilt, an SAE's input, [n, d_in] model units; code: of the same n tokens */
  add: (target: Float32Array, code: SparseCode) => void;
  finish: () => ReconstructionMetrics;
};

export function makeReconstructionMeter(params: SaeParams): ReconstructionMeter {
  const reconstruction = makeReconstructionSums(params.d_in);
  const sparsity = makeSparsitySums(params.d_sae);
  return {
    add(target, code) {
      const n = target.length / params.d_in;
      addSparsity(sparsity, code, n);
      addReconstruction(reconstruction, target, reconstruct(params, code, n));
    },
    finish() {
      const { tokens, mse, fvu, explainedVariance } = finishReconstruction(reconstruction);
      const { l0, deadFractionEval } = finishSparsity(sparsity);
      return { tokens, mse, fvu, explainedVariance, l0, deadFractionEval };
    },
  };
}
