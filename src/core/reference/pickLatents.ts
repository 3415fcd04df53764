// CPU twin of pick_latents.wgsl.
import type { SparseCode } from '../sae/sae';

/** acts [wanted.length, rows]: the activation of each wanted latent of each token, 0 where it is not in the
 *  code. */
export function pickLatentsReference(
  code: SparseCode,
  wanted: readonly number[],
  rows: number,
): Float32Array {
  const acts = new Float32Array(wanted.length * rows);
  wanted.forEach((latent, j) => {
    for (let row = 0; row < rows; row++) {
      const indices = code.latentIndices.subarray(row * code.k, (row + 1) * code.k);
      const slot = indices.indexOf(latent);
      if (slot >= 0) acts[j * rows + row] = code.latentActs[row * code.k + slot]!;
    }
  });
  return acts;
}
