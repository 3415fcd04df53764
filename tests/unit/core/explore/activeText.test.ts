// The latents of a text from its sparse code.
import { describe, expect, it } from 'vitest';
import { activePerToken, rankTextLatents } from '../../../../src/core/explore/activeText';
import { EMPTY_SLOT } from '../../../../src/core/sae/sae';

const CODE = {
  k: 3,
  // token 0: 7 and 2, one slot empty; token 1: nothing; token 2: three of them, two equally strong
  latentIndices: Uint32Array.of(2, 7, EMPTY_SLOT, EMPTY_SLOT, EMPTY_SLOT, 5, 9, 7, 2),
  latentActs: Float32Array.of(1, 4, 0, 0, 0, 0, 2, 2, 3),
};

describe('activePerToken', () => {
  it('lists what fires, strongest first, ties to the lower index', () => {
    expect(activePerToken(CODE)).toEqual([
      [
        { latentIndex: 7, act: 4 },
        { latentIndex: 2, act: 1 },
      ],
      [],
      [
        { latentIndex: 2, act: 3 },
        { latentIndex: 7, act: 2 },
        { latentIndex: 9, act: 2 },
      ],
    ]);
  });

  it('has no token where no row was encoded', () => {
    const none = { k: 0, latentIndices: new Uint32Array(), latentActs: new Float32Array() };
    expect(activePerToken(none)).toEqual([]);
  });
});

describe('rankTextLatents', () => {
  it('tells maximum, mean over firing tokens, fires and the first peak', () => {
    expect(rankTextLatents(activePerToken(CODE))).toEqual([
      { latentIndex: 7, maxAct: 4, meanAct: 3, fires: 2, peak: 0 },
      { latentIndex: 2, maxAct: 3, meanAct: 2, fires: 2, peak: 2 },
      { latentIndex: 9, maxAct: 2, meanAct: 2, fires: 1, peak: 2 },
    ]);
    const twice = [[{ latentIndex: 4, act: 2 }], [{ latentIndex: 4, act: 2 }]];
    expect(rankTextLatents(twice)[0]?.peak).toBe(0);
  });
});
