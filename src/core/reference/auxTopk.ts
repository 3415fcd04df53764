// Twin of aux_topk.wgsl: the k_aux largest positive pre-activations among the dead latents.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** preActs: [rows, n]; dead: ascending. Slots in ascending latent order, used ones first; ties at the
 *  bound go to the lower latent; NaN and values that are not positive are never chosen. */
export function auxTopkReference(
  preActs: Float32Array,
  o: { n: number; dead: Uint32Array; k_aux: number },
): SparseCode {
  const { n, dead, k_aux } = o;
  const rows = preActs.length / n;
  const latentIndices = new Uint32Array(rows * k_aux).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(rows * k_aux);
  for (let row = 0; row < rows; row++) {
    const act = (latent: number) => preActs[row * n + latent]!;
    const kept = [...dead]
      .filter((latent) => act(latent) > 0)
      .sort((p, q) => act(q) - act(p) || p - q)
      .slice(0, k_aux)
      .sort((p, q) => p - q);
    latentIndices.set(kept, row * k_aux);
    latentActs.set(kept.map(act), row * k_aux);
  }
  return { k: k_aux, latentIndices, latentActs };
}
