// CPU twin of scale_code.wgsl.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** The code with each activation times its latent's factor; actScale: [d_sae]. Slots keep their order. */
export function scaleCodeReference(code: SparseCode, actScale: Float32Array): SparseCode {
  const latentActs = code.latentActs.map((act, slot) => {
    const latent = code.latentIndices[slot]!;
    return latent === EMPTY_SLOT ? act : act * actScale[latent]!;
  });
  return { ...code, latentActs };
}
