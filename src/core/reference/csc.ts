// Twin of csc_slots, csc_scan and csc_sort: the sparse code by latent instead of by row.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

export type CscEntry = { row: number; act: number; delta: number };

export type Csc = {
  /** [n + 1] */
  offsets: Uint32Array;
  /** each latent's entries by ascending row; row counts on from `rows` for AuxK's */
  entries: CscEntry[];
};

/** A sparse code with ∂L/∂preAct per slot. */
export type GradedCode = SparseCode & { preActGrad: Float32Array };

/** aux: null where there was no dead latent. */
export function cscReference(main: GradedCode, aux: GradedCode | null, n: number): Csc {
  const lists: CscEntry[][] = Array.from({ length: n }, () => []);
  const rows = main.latentIndices.length / main.k;
  const add = (code: GradedCode, firstRow: number) => {
    for (const [slot, latent] of code.latentIndices.entries()) {
      if (latent === EMPTY_SLOT) continue;
      const row = firstRow + Math.floor(slot / code.k);
      lists[latent]!.push({ row, act: code.latentActs[slot]!, delta: code.preActGrad[slot]! });
    }
  };
  add(main, 0);
  if (aux !== null) add(aux, rows);
  const offsets = new Uint32Array(n + 1);
  for (const [latent, list] of lists.entries())
    offsets[latent + 1] = offsets[latent]! + list.length;
  return { offsets, entries: lists.flat() };
}
