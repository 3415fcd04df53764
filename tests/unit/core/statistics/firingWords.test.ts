import { expect, it } from 'vitest';
import { f32ToF16 } from '../../../../src/core/numeric/float16';
import { firingWords } from '../../../../src/core/statistics/firingWords';
import type { LatentExamples } from '../../../../src/core/statistics/latentExamples';

const TEXTS = [' the', 'The', ' Lily', ' Tim', ',', ' odd'];

/** Latent 0 has no example; latent 1 fires with `acts` on the tokens of one passage. */
function examplesOf(tokenIds: number[], acts: number[]): LatentExamples {
  const positions = tokenIds.map((_, i) => i).filter((i) => acts[i] !== 0);
  return {
    passageEnds: Uint32Array.of(2, 2 + tokenIds.length),
    tokenIds: Uint32Array.of(5, 5, ...tokenIds),
    spanEnds: Uint32Array.of(0, 1),
    exampleEnds: Uint32Array.of(0, 1),
    spanPassage: Uint32Array.of(1),
    actEnds: Uint32Array.of(positions.length),
    actPosition: Uint16Array.from(positions),
    actBits: f32ToF16(Float32Array.from(positions, (i) => acts[i]!)),
    exampleSpan: Uint16Array.of(0),
    examplePosition: Uint16Array.of(0),
    exampleRepeats: Uint16Array.of(1),
    exampleGroup: Uint8Array.of(0),
  };
}

const words = (examples: LatentExamples, latent = 1) =>
  firingWords(examples, latent, (tokenId) => TEXTS[tokenId]!);

it('orders words by their summed activation; spaces and capitals make no difference', () => {
  // the: 2 + 3 in two forms, Lily: 4, Tim: 1; the comma is silent.
  expect(words(examplesOf([0, 4, 2, 1, 3], [2, 0, 4, 3, 1]))).toEqual(['The', 'Lily', 'Tim']);
});

it('leaves out a word that hardly counts, and has none for a latent that never fired', () => {
  expect(words(examplesOf([2, 3], [96, 4]))).toEqual(['Lily']);
  expect(words(examplesOf([2], [1]), 0)).toEqual([]);
});
