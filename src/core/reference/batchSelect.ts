// Twin of the batch_* kernels (histogram, pick, count, offsets, emit), which together are one selection, and
// of csc_sort' slots: the `kept` largest positive elements of a batch.
import { EMPTY_SLOT } from '../sae/sae';

export type BatchCode = {
  /** [rows + 1] */
  offsets: Uint32Array;
  /** [kept] each, by row and then by rising latent; unused slots EMPTY_SLOT, and anything in the others */
  latentIndices: Uint32Array;
  latentActs: Float32Array;
  /** level of the latent · rows + row */
  gradientRows: Uint32Array;
  /** smallest kept activation; null if none was */
  smallest: number | null;
};

/** preActs [rows, n]; ties go to the lower flat index; NaN, −0 and negatives are never kept, +∞ is. */
export function batchSelectReference(
  preActs: Float32Array,
  o: { rows: number; kept: number; widths: readonly number[] },
): BatchCode {
  const { rows, kept, widths } = o;
  const n = preActs.length / rows;
  const positive = [...preActs.keys()].filter((i) => preActs[i]! > 0);
  // ∞ − ∞ is NaN: compare, never subtract.
  positive.sort((a, b) => {
    if (preActs[a] === preActs[b]) return a - b;
    return preActs[a]! > preActs[b]! ? -1 : 1;
  });
  const chosen = positive.slice(0, kept).sort((a, b) => a - b);
  const code: BatchCode = {
    offsets: new Uint32Array(rows + 1),
    latentIndices: new Uint32Array(kept).fill(EMPTY_SLOT),
    latentActs: new Float32Array(kept),
    gradientRows: new Uint32Array(kept),
    smallest: chosen.length === 0 ? null : Math.min(...chosen.map((i) => preActs[i]!)),
  };
  for (const [slot, i] of chosen.entries()) {
    const [row, latent] = [Math.floor(i / n), i % n];
    code.latentIndices[slot] = latent;
    code.latentActs[slot] = preActs[i]!;
    code.gradientRows[slot] = widths.findIndex((width) => latent < width) * rows + row;
  }
  for (let row = 0; row < rows; row++) {
    code.offsets[row + 1] = chosen.filter((i) => i < (row + 1) * n).length;
  }
  return code;
}
