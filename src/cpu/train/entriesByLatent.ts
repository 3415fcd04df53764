// The slots of a batch by latent instead of by row, each with the row of gradients that it is trained on, in
// ascending order of those rows. Knows no gradients.
import type { Arena } from '../arena';
import type { RowCode } from './rowCode';

export function entryWords(slots: number, d_sae: number) {
  return { offsets: d_sae + 1, entryRows: slots, entryActs: slots, entryDeltas: slots };
}

/** One code and which row of gradients a slot of it reads. */
export type CodeOfGradients = {
  code: RowCode;
  gradientRow: (row: number, latent: number) => number;
};

/** Fills the entries; returns where each latent's begin, [d_sae + 1]. */
export function sortByLatent(
  { f32, u32 }: Arena<keyof ReturnType<typeof entryWords>>,
  codes: readonly CodeOfGradients[],
  d_sae: number,
): Uint32Array {
  const { offsets } = u32;
  offsets.fill(0);
  for (const { code } of codes) {
    const used = code.starts.at(-1)!;
    for (let slot = 0; slot < used; slot++) offsets[code.latents[slot]! + 1]!++;
  }
  for (let latent = 0; latent < d_sae; latent++) offsets[latent + 1]! += offsets[latent]!;
  const next = offsets.slice();
  for (const { code, gradientRow } of codes) {
    const { starts, latents, acts, deltas } = code;
    for (let row = 0; row + 1 < starts.length; row++) {
      for (let slot = starts[row]!; slot < starts[row + 1]!; slot++) {
        const latent = latents[slot]!;
        const entry = next[latent]!++;
        u32.entryRows[entry] = gradientRow(row, latent);
        f32.entryActs[entry] = acts[slot]!;
        f32.entryDeltas[entry] = deltas[slot]!;
      }
    }
  }
  return offsets;
}
