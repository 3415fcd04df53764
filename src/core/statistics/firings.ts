// Sparse codes by latent instead of by token: for each latent, the tokens on which it fires. Knows no text.
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

export type Firings = {
  /** The latent's tokens in the order of the codes, and its activations there. */
  of: (latentIndex: number) => { tokens: Uint32Array; acts: Float32Array };
};

export type FiringsBuilder = {
  /** Row i of the code is token tokens[i]. */
  add: (code: SparseCode, tokens: Uint32Array) => void;
  finish: () => Firings;
};

export function makeFiringsBuilder(d_sae: number): FiringsBuilder {
  const counts = new Uint32Array(d_sae);
  const parts: { code: SparseCode; tokens: Uint32Array }[] = [];
  const forEach = (visit: (latent: number, token: number, act: number) => void) => {
    for (const { code, tokens } of parts) {
      for (let slot = 0; slot < code.latentIndices.length; slot++) {
        const latent = code.latentIndices[slot]!;
        if (latent !== EMPTY_SLOT && code.latentActs[slot]! > 0) {
          visit(latent, tokens[Math.floor(slot / code.k)]!, code.latentActs[slot]!);
        }
      }
    }
  };
  return {
    add: (code, tokens) => void parts.push({ code, tokens }),
    finish: () => {
      forEach((latent) => counts[latent]!++);
      const starts = new Uint32Array(d_sae + 1);
      for (let latent = 0; latent < d_sae; latent++) {
        starts[latent + 1] = starts[latent]! + counts[latent]!;
      }
      const next = starts.slice();
      const tokens = new Uint32Array(starts[d_sae]!);
      const acts = new Float32Array(starts[d_sae]!);
      forEach((latent, token, act) => {
        tokens[next[latent]!] = token;
        acts[next[latent]!++] = act;
      });
      return {
        of: (latent) => ({
          tokens: tokens.subarray(starts[latent], starts[latent + 1]),
          acts: acts.subarray(starts[latent], starts[latent + 1]),
        }),
      };
    },
  };
}
