import { describe, expect, it } from 'vitest';
import { TOP_GROUP } from '../../../../src/core/statistics/exampleChoice';
import {
  examplesOfLatent,
  type LatentExamples,
} from '../../../../src/core/statistics/latentExamples';
import { thinExamples } from '../../../../src/core/statistics/thinExamples';

/** Two latents over three passages of two tokens; the first has three strongest and two of an interval. */
const EXAMPLES: LatentExamples = {
  passageEnds: Uint32Array.of(2, 4, 6),
  tokenIds: Uint32Array.of(10, 11, 20, 21, 30, 31),
  spanEnds: Uint32Array.of(3, 4),
  exampleEnds: Uint32Array.of(5, 6),
  spanPassage: Uint32Array.of(0, 1, 2, 1),
  actEnds: Uint32Array.of(1, 2, 4, 5),
  actPosition: Uint16Array.of(1, 0, 0, 1, 1),
  // 3, 2, 1, 0.5, 4 as f16
  actBits: Uint16Array.of(0x4200, 0x4000, 0x3c00, 0x3800, 0x4400),
  exampleSpan: Uint16Array.of(0, 1, 2, 2, 0, 0),
  examplePosition: Uint16Array.of(1, 0, 0, 1, 1, 1),
  exampleRepeats: Uint16Array.of(1, 7, 1, 1, 1, 1),
  exampleGroup: Uint8Array.of(TOP_GROUP, TOP_GROUP, TOP_GROUP, 2, 2, TOP_GROUP),
};
const ALL = { top: 9, random: 9, perGroup: 9 };

describe('thinExamples', () => {
  it('changes nothing where all may stay', () => {
    expect(thinExamples(EXAMPLES, () => ALL)).toEqual(EXAMPLES);
  });

  it('keeps the first of each group, with the passages they name and no other', () => {
    const few = { top: 2, random: 0, perGroup: 1 };
    const thin = thinExamples(EXAMPLES, (latent) => (latent === 0 ? few : ALL));
    for (const latent of [0, 1]) {
      const all = examplesOfLatent(EXAMPLES, latent);
      const wanted = latent === 0 ? [all[0], all[1], all[3]] : all;
      expect(examplesOfLatent(thin, latent)).toEqual(wanted);
    }
    const one = thinExamples(EXAMPLES, () => ({ top: 1, random: 0, perGroup: 0 }));
    expect([...one.tokenIds]).toEqual([10, 11, 20, 21]);
    expect([...one.spanPassage]).toEqual([0, 1]);
  });

  it('leaves a latent without any', () => {
    const thin = thinExamples(EXAMPLES, (latent) =>
      latent === 0 ? { top: 0, random: 0, perGroup: 0 } : ALL,
    );
    expect(examplesOfLatent(thin, 0)).toEqual([]);
    expect(examplesOfLatent(thin, 1)).toEqual(examplesOfLatent(EXAMPLES, 1));
  });
});
