// Twin of active_row.wgsl, and the definition of latentActs for architectures without k (sae.md
// §4–7, inference).
import { ruledActivation } from '../sae/latentActivation';
import { EMPTY_SLOT, type GatedParams, type JumpReluParams, type ReluParams } from '../sae/sae';
import type { SparseCode } from '../sae/sae';

/** preActs [rows, d_sae] = h. Slots by ascending latent, as many as the row with most active latents
 *  needs. */
export function activeRowReference(
  preActs: Float32Array,
  params: ReluParams | JumpReluParams | GatedParams,
): SparseCode {
  const { d_sae } = params;
  const rows = preActs.length / d_sae;
  const found = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: d_sae }, (_, latent) => ({
      latent,
      act: ruledActivation(preActs[row * d_sae + latent]!, latent, params),
    })).filter(({ act }) => act > 0),
  );
  const k = Math.max(0, ...found.map((active) => active.length));
  const latentIndices = new Uint32Array(rows * k).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k);
  found.forEach((active, row) => {
    latentIndices.set(
      active.map(({ latent }) => latent),
      row * k,
    );
    latentActs.set(
      active.map(({ act }) => act),
      row * k,
    );
  });
  return { k, latentIndices, latentActs };
}
