// The sparse code of a batch on the processor: the slots of all rows one after another. Knows no decoder.
import { EMPTY_SLOT, type SparseCode } from '../../core/sae/sae';
import type { Address } from '../kernels';

export type RowCode = {
  /** [rows + 1]: row r's slots are starts[r] … starts[r + 1] */
  starts: Uint32Array;
  latents: Uint32Array;
  acts: Float32Array;
  /** ∂L/∂preAct of each slot */
  deltas: Float32Array;
  /** where the same arrays lie */
  at: { starts: Address; latents: Address; acts: Address; deltas: Address };
};

/** As many slots a row as its fullest row needs, or `k`. */
export function sparseCodeOf({ starts, latents, acts }: RowCode, k = 0): SparseCode {
  const rows = starts.length - 1;
  let most = k;
  for (let row = 0; row < rows; row++) most = Math.max(most, starts[row + 1]! - starts[row]!);
  const latentIndices = new Uint32Array(rows * most).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * most);
  for (let row = 0; row < rows; row++) {
    const [first, end] = [starts[row]!, starts[row + 1]!];
    latentIndices.set(latents.subarray(first, end), row * most);
    latentActs.set(acts.subarray(first, end), row * most);
  }
  return { k: most, latentIndices, latentActs };
}
