// Twin of decode_row.wgsl and aux_decode_row.wgsl: the reconstruction of a sparse code, its error, and
// the gradients. float64.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

export type DecodeCase = {
  /** used slots first */
  code: SparseCode;
  /** [n, d], latent-major */
  W_dec: Float32Array;
  /** [rows, d]: what the code should reconstruct */
  target: Float32Array;
  /** gradient = gradScale · (rebuilt − target) */
  gradScale: number;
  d: number;
};

export type DecodeResult = {
  /** [rows, d] */
  gradient: Float64Array;
  /** [rows, k]: gradient · W_dec[latent], 0 in unused slots */
  preActGrad: Float64Array;
  /** [rows, 2]: Σ (rebuilt − target)², used slots */
  rowStats: Float64Array;
};

/** decode_row: target = xc (less b_dec where the input is not centred), gradScale = 2/(B·V).
 *  aux_decode_row: target = the SAE error, gradScale = 2α/(B·v). */
export function decodeRowReference({
  code,
  W_dec,
  target,
  gradScale,
  d,
}: DecodeCase): DecodeResult {
  const { k, latentIndices, latentActs } = code;
  const rows = target.length / d;
  const gradient = new Float64Array(rows * d);
  const preActGrad = new Float64Array(rows * k);
  const rowStats = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const slots = Array.from({ length: k }, (_, s) => row * k + s);
    const used = slots.filter((s) => latentIndices[s] !== EMPTY_SLOT);
    for (let i = 0; i < d; i++) {
      let difference = -target[row * d + i]!;
      for (const s of used) difference += latentActs[s]! * W_dec[latentIndices[s]! * d + i]!;
      gradient[row * d + i] = gradScale * difference;
      rowStats[row * 2]! += difference ** 2;
    }
    for (const s of used) {
      for (let i = 0; i < d; i++) {
        preActGrad[s]! += gradient[row * d + i]! * W_dec[latentIndices[s]! * d + i]!;
      }
    }
    rowStats[row * 2 + 1] = used.length;
  }
  return { gradient, preActGrad, rowStats };
}
