// What a folded SAE finds in one text: the sparse code token by token, and its latents ranked over the text.
// Pure; the engine knows which model read the text.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

export type ActiveLatent = { latentIndex: number; act: number };

/** A latent over a whole text. */
export type TextLatent = {
  latentIndex: number;
  /** strongest activation in the text */
  maxAct: number;
  /** mean activation over the tokens on which it fires */
  meanAct: number;
  /** tokens on which it fires */
  fires: number;
  /** token (index in the text) of its strongest activation; the first of equals */
  peak: number;
};

/** One list a token, strongest first, ties to the lower index. */
export function activePerToken(code: SparseCode): ActiveLatent[][] {
  const tokens = code.k === 0 ? 0 : code.latentIndices.length / code.k;
  return Array.from({ length: tokens }, (_, token) => {
    const active: ActiveLatent[] = [];
    for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
      const latentIndex = code.latentIndices[slot]!;
      const act = code.latentActs[slot]!;
      if (latentIndex !== EMPTY_SLOT && act > 0) active.push({ latentIndex, act });
    }
    return active.sort((a, b) => b.act - a.act || a.latentIndex - b.latentIndex);
  });
}

/** Every latent that fires, by its strongest activation, ties to the lower index. */
export function rankTextLatents(tokens: readonly (readonly ActiveLatent[])[]): TextLatent[] {
  const found = new Map<number, TextLatent & { sum: number }>();
  for (const [token, active] of tokens.entries()) {
    for (const { latentIndex, act } of active) {
      const known = found.get(latentIndex);
      if (known === undefined) {
        const first = { latentIndex, maxAct: act, meanAct: act, fires: 1, peak: token };
        found.set(latentIndex, { ...first, sum: act });
        continue;
      }
      known.fires++;
      known.sum += act;
      if (act > known.maxAct) {
        known.maxAct = act;
        known.peak = token;
      }
    }
  }
  const latents = Array.from(found.values(), ({ sum, ...latent }) => ({
    ...latent,
    meanAct: sum / latent.fires,
  }));
  return latents.sort((a, b) => b.maxAct - a.maxAct || a.latentIndex - b.latentIndex);
}
