// A code by latent, as the csc buffer holds it before the sums of its blocks.
import type { Csc } from '../../../src/core/reference/csc';
import type { TrainerPlan } from '../../../src/gpu/train/trainerPlan';

export function cscWords(
  csc: Csc,
  { entriesAt, cscWords: length }: Pick<TrainerPlan, 'entriesAt' | 'cscWords'>,
): Uint32Array {
  const words = new Uint32Array(length);
  const floats = new Float32Array(words.buffer);
  words.set(csc.offsets);
  for (const [i, { row, act, delta }] of csc.entries.entries()) {
    words[entriesAt + 3 * i] = row;
    floats.set([act, delta], entriesAt + 3 * i + 1);
  }
  return words;
}
