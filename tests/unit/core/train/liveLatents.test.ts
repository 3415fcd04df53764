import { describe, expect, it } from 'vitest';
import {
  liveLatents,
  strongestLatents,
  type LatentSample,
} from '../../../../src/core/train/liveLatents';
import { makeRingText, noteRingRows, ringWindow } from '../../../../src/core/text/ringText';
import { EMPTY_SLOT } from '../../../../src/core/sae/sae';

/** Two sequences of five, position 0 special: rows 0–3 are tokens 11–14, rows 4–7 are 21–24. */
function makeText() {
  const text = makeRingText(10);
  const tokenIds = Int32Array.from([1, 11, 12, 13, 14, 1, 21, 22, 23, 24]);
  const rows = Uint32Array.from([1, 2, 3, 4, 6, 7, 8, 9]);
  noteRingRows(text, { first: 0, rows, tokenIds, contextSize: 5 });
  return text;
}

/** Three tokens of the ring, rows 5, 1 and 4, two slots each. */
function makeSample(): LatentSample {
  return {
    step: 7,
    rows: Uint32Array.from([5, 1, 4]),
    text: makeText(),
    code: {
      k: 2,
      latentIndices: Uint32Array.from([3, 0, 3, EMPTY_SLOT, 2, 3]),
      latentActs: Float32Array.from([8, 1, 2, 0, 6, 4]),
    },
  };
}

describe('the text of the ring', () => {
  it('gives a row its own passage only, and ends where nothing was filled', () => {
    const text = makeText();
    expect(ringWindow(text, 1, 8)).toEqual({ tokenIds: [11, 12, 13, 14], peak: 1 });
    expect(ringWindow(text, 5, 1)).toEqual({ tokenIds: [21, 22, 23], peak: 1 });
    expect(ringWindow(text, 7, 8)).toEqual({ tokenIds: [21, 22, 23, 24], peak: 3 });
  });
});

describe('documents packed into one sequence', () => {
  it('are passages of their own, and so are sequences that no special token parts', () => {
    const text = makeRingText(8);
    // A special token at 2; the second sequence begins at 5 with a plain one.
    const tokenIds = Int32Array.from([10, 11, 1, 13, 14, 15, 16, 17]);
    const rows = Uint32Array.from([0, 1, 3, 4, 5, 6, 7]);
    noteRingRows(text, { first: 0, rows, tokenIds, contextSize: 5 });
    expect(ringWindow(text, 1, 8)).toEqual({ tokenIds: [10, 11], peak: 1 });
    expect(ringWindow(text, 2, 8)).toEqual({ tokenIds: [13, 14], peak: 0 });
    expect(ringWindow(text, 4, 8)).toEqual({ tokenIds: [15, 16, 17], peak: 0 });
  });
});

describe('live latents', () => {
  it('count, scale to model units, and read the strongest tokens in their text', () => {
    const [latent] = liveLatents([makeSample()], [3], 2);
    expect(latent).toMatchObject({ latentIndex: 3, fireCount: 3, fireRate: 1, maxAct: 4 });
    expect(latent!.examples[0]).toEqual({
      // Token 21 was in the batch, the other two were not.
      tokenIds: [21, 22, 23, 24],
      acts: [2, 4, null, null],
      peak: 1,
      act: 4,
    });
    expect(latent!.examples).toHaveLength(2);
    const { counts, binWidth } = latent!.histogram;
    expect(counts.reduce((a, b) => a + b)).toBe(3);
    expect(counts.at(-1)).toBe(1);
    expect(counts[Math.floor(1 / binWidth)]).toBe(1);
  });

  it('tell a text once, and a silent latent as silent', () => {
    const sample = makeSample();
    const [twice, silent] = liveLatents([sample, { ...sample, step: 9 }], [3, 9], 1);
    expect(twice!.examples).toHaveLength(2);
    expect(silent).toMatchObject({ fireCount: 0, fireRate: 0, maxAct: 0, examples: [] });
  });

  it('have no examples where activations come from no text', () => {
    const [latent] = liveLatents([{ ...makeSample(), text: null }], [3], 1);
    expect(latent).toMatchObject({ fireCount: 3, examples: [] });
  });

  it('are chosen by their strongest activation', () => {
    expect(strongestLatents([makeSample()], 2, [])).toEqual([3, 2]);
    expect(strongestLatents([makeSample()], 5, [3])).toEqual([2, 0]);
  });
});
