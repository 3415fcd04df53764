// How well an SAE rebuilds its input, on the CPU in f64: the evaluation metrics of sae.md §10 that need
// no model in the loop. Accumulates over batches about a pivot, so nothing cancels.
import { ShapeError } from './errors';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from './sae';

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

export type ReconstructionMetrics = {
  tokens: number;
  /** mean Σ_d e², model units */
  mse: number;
  /** Σ‖e‖² / Σ‖y − ȳ‖², ȳ per dimension over all tokens */
  fvu: number;
  explainedVariance: number;
  l0: number;
  /** share of latents silent on all these tokens */
  deadFractionEval: number;
};

export type ReconstructionMeter = {
  /** saeIn: [n, d_in] model units; code: of the same n tokens */
  add: (saeIn: Float32Array, code: SparseCode) => void;
  finish: () => ReconstructionMetrics;
};

export function makeReconstructionMeter(params: SaeParams): ReconstructionMeter {
  const { d_in, d_sae } = params;
  const pivot = new Float64Array(d_in);
  const sum = new Float64Array(d_in);
  const fired = new Uint8Array(d_sae);
  let tokens = 0;
  let squared = 0;
  let error = 0;
  let active = 0;
  return {
    add(saeIn, code) {
      const n = saeIn.length / d_in;
      if (code.latentIndices.length !== n * code.k) {
        throw new ShapeError(`code of ${code.latentIndices.length} slots for ${n} tokens`);
      }
      if (tokens === 0) for (let i = 0; i < d_in; i++) pivot[i] = saeIn[i] ?? 0;
      const saeOut = reconstruct(params, code, n);
      for (let j = 0; j < saeIn.length; j++) {
        const i = j % d_in;
        const centred = saeIn[j]! - pivot[i]!;
        sum[i]! += centred;
        squared += centred * centred;
        error += (saeIn[j]! - saeOut[j]!) ** 2;
      }
      for (let slot = 0; slot < code.latentIndices.length; slot++) {
        if (!(code.latentActs[slot]! > 0)) continue;
        active++;
        fired[code.latentIndices[slot]!] = 1;
      }
      tokens += n;
    },
    finish() {
      let meanSquared = 0;
      for (const s of sum) meanSquared += (s / tokens) ** 2;
      const fvu = error / (squared - tokens * meanSquared);
      return {
        tokens,
        mse: error / tokens,
        fvu,
        explainedVariance: 1 - fvu,
        l0: active / tokens,
        deadFractionEval: 1 - fired.reduce((a, b) => a + b, 0) / d_sae,
      };
    },
  };
}
