// CPU twin of topk_row.wgsl and topk_fallback.wgsl, and the definition of TopK here.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** The k largest positive pre-activations of each row, strongest first, ties to the lower index; NaN, −0
 *  and negatives are never chosen, +∞ is. preActs [rows, stride], columns ≥ d_sae ignored. */
export function topkReference(
  preActs: Float32Array,
  o: { rows: number; d_sae: number; k: number; stride?: number },
): SparseCode {
  const { rows, d_sae, k, stride = d_sae } = o;
  const latentIndices = new Uint32Array(rows * k).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const values = preActs.subarray(row * stride, row * stride + d_sae);
    const positive = [...values.keys()].filter((latent) => values[latent]! > 0);
    // ∞ − ∞ is NaN: compare, never subtract.
    positive.sort((a, b) => {
      if (values[a]! === values[b]!) return a - b;
      return values[a]! > values[b]! ? -1 : 1;
    });
    positive.slice(0, k).forEach((latent, slot) => {
      latentIndices[row * k + slot] = latent;
      latentActs[row * k + slot] = values[latent]!;
    });
  }
  return { k, latentIndices, latentActs };
}
