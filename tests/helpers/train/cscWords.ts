// A code by latent, as the csc buffer holds it.
import type { Csc } from '../../../src/core/reference/csc';

export function cscWords(csc: Csc, entriesAt: number): Uint32Array {
  const words = new Uint32Array(entriesAt + 3 * csc.entries.length);
  const floats = new Float32Array(words.buffer);
  words.set(csc.offsets);
  for (const [i, { row, act, delta }] of csc.entries.entries()) {
    words[entriesAt + 3 * i] = row;
    floats.set([act, delta], entriesAt + 3 * i + 1);
  }
  return words;
}
