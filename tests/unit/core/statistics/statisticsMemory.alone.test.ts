// What a pass holds stays within what is said of it, at 16,384 latents, and is counted, not guessed.
import { describe, expect, it } from 'vitest';
import { liveHeapBytes } from '../../../helpers/liveHeap';
import { topPartners } from '../../../../src/core/statistics/coActivation';
import { addToArchive, makeCodeArchive } from '../../../../src/core/statistics/codeArchive';
import { FULL_EXAMPLES } from '../../../../src/core/statistics/exampleChoice';
import { cutLatentExamples } from '../../../../src/core/statistics/latentExamples';
import {
  addSparseCode,
  makeLatentStatistics,
  statisticsBytesPerLatent,
} from '../../../../src/core/statistics/latentStatistics';
import { makeRng } from '../../../../src/core/numeric/rng';
import { statisticsMemory } from '../../../../src/core/statistics/statisticsMemory';

const d_sae = 16_384;
const CONTEXT = 128;
const K = 32;
const SEQUENCES = 96;

/** One sequence of a seeded code: a few latents fire often, most seldom. */
function codeOf(sequence: number) {
  const { next: rng } = makeRng(sequence + 1);
  const slots = (CONTEXT - 1) * K;
  return {
    k: K,
    latentIndices: Uint32Array.from({ length: slots }, () => Math.floor(d_sae * rng() ** 2)),
    latentActs: Float32Array.from({ length: slots }, () => 0.01 + 4 * rng()),
  };
}

describe('memory of a statistics pass', () => {
  it('grows by no more than the estimate at 16,384 latents', () => {
    const before = liveHeapBytes();
    const stats = makeLatentStatistics({ d_sae, contextSize: CONTEXT });
    const archive = makeCodeArchive({ contextSize: CONTEXT, sequences: SEQUENCES, d_sae });
    for (let s = 0; s < SEQUENCES; s++) {
      const code = codeOf(s);
      const tokens = Uint32Array.from({ length: CONTEXT - 1 }, (_, i) => s * CONTEXT + 1 + i);
      addSparseCode(stats, code, tokens);
      addToArchive(archive, code, tokens);
    }
    const read = liveHeapBytes() - before;
    const examples = cutLatentExamples(stats, archive, FULL_EXAMPLES);
    const partners = topPartners(stats.coActivations);
    const grown = liveHeapBytes() - before;
    expect(examples.spanEnds.at(-1)).toBeGreaterThan(d_sae);
    expect(partners.tokens).toBeGreaterThan(0);
    const shape = { d_sae, d_in: 64, active: K, tokens: stats.countedTokens, contextSize: CONTEXT };
    const estimate = statisticsMemory(shape);
    expect(read).toBeGreaterThan(d_sae * statisticsBytesPerLatent());
    expect(grown).toBeLessThan(estimate);
    // No bound that anything would pass.
    expect(grown).toBeGreaterThan(estimate / 4);
  });

  it('tells what a latent takes from the arrays themselves', () => {
    const bytes = (latents: number) => {
      const stats = makeLatentStatistics({ d_sae: latents, contextSize: CONTEXT });
      const kept = [stats.top, stats.positives, stats.binned].flatMap(({ acts, tokens }) => [
        acts.byteLength,
        tokens.byteLength,
      ]);
      const own = Object.values(stats).map((value: unknown) =>
        ArrayBuffer.isView(value) ? value.byteLength : 0,
      );
      return [...own, ...kept].reduce((sum, n) => sum + n, 0);
    };
    expect(bytes(d_sae)).toBe(d_sae * statisticsBytesPerLatent());
  });
});
