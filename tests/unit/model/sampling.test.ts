import { describe, expect, it } from 'vitest';
import { makeRng } from '../../../src/core/numeric/rng';
import {
  gumbelNoise,
  logProbability,
  sampleToken,
  topTokens,
} from '../../../src/core/model/sampling';
import { logSumExp, softmax } from '../../../src/core/numeric/softmax';

const logitsOf = (...values: number[]) => Float32Array.from(values);
const rule = { temperature: 1, topK: null, seed: 3 } as const;

/** Fractions of 20,000 steps in which each token is chosen. */
function frequencies(logits: Float32Array, o: { temperature: number; topK: number | null }) {
  const steps = 20_000;
  const counts = new Float64Array(logits.length);
  for (let t = 0; t < steps; t++) counts[sampleToken(logits, { ...o, seed: 11 }, t)]! += 1 / steps;
  return counts;
}

/** Four standard deviations of a frequency over 20,000 draws, at most. */
const SPREAD = 4 * Math.sqrt(0.25 / 20_000);

describe('probabilities', () => {
  it('are those of a hand-computed case', () => {
    const logits = logitsOf(0, Math.log(2), Math.log(5));
    expect(logSumExp(logits)).toBeCloseTo(Math.log(8), 6);
    const [first, second, third] = softmax(logits);
    expect(first).toBeCloseTo(1 / 8, 6);
    expect(second).toBeCloseTo(2 / 8, 6);
    expect(third).toBeCloseTo(5 / 8, 6);
    expect(logProbability(logits, 1)).toBeCloseTo(Math.log(2 / 8), 6);
  });

  it('survive logits whose exponential overflows', () => {
    expect(softmax(logitsOf(1000, 1000))[1]).toBeCloseTo(0.5, 9);
  });
});

describe('topTokens', () => {
  it('orders by logit and breaks ties by the lower id', () => {
    expect([...topTokens(logitsOf(1, 3, 3, -1, 3, 2), 4)]).toEqual([1, 2, 4, 5]);
    expect([...topTokens(logitsOf(0, 0), 9)]).toEqual([0, 1]);
  });

  it('agrees with a full sort on rows full of ties', () => {
    const rng = makeRng(5);
    for (let trial = 0; trial < 50; trial++) {
      const logits = Float32Array.from({ length: 97 }, () => rng.below(12));
      const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
      const k = 1 + rng.below(97);
      expect([...topTokens(logits, k)]).toEqual(order.slice(0, k));
    }
  });
});

describe('sampleToken', () => {
  it('takes the most likely token at temperature 0, the lowest id among equals', () => {
    expect(sampleToken(logitsOf(1, 4, 4, 0), { ...rule, temperature: 0 }, 0)).toBe(1);
  });

  it('approaches the most likely token as the temperature approaches 0', () => {
    const logits = logitsOf(1, 3, 4, 0);
    expect(sampleToken(logits, { ...rule, temperature: Number.MIN_VALUE }, 5)).toBe(2);
  });

  it('chooses equal tokens for equal logits, another token at some other step or seed', () => {
    const logits = new Float32Array(50);
    const draw = (seed: number, t: number) => sampleToken(logits.slice(), { ...rule, seed }, t);
    const steps = Array.from({ length: 40 }, (_, t) => t);
    expect(steps.map((t) => draw(1, t))).toEqual(steps.map((t) => draw(1, t)));
    expect(steps.map((t) => draw(1, t))).not.toEqual(steps.map((t) => draw(2, t)));
    expect(new Set(steps.map((t) => draw(1, t))).size).toBeGreaterThan(15);
  });

  it('draws each token as often as softmax(logits / T) says', () => {
    const logits = logitsOf(0.3, -1, 2, 1.1, 0);
    for (const temperature of [1, 0.7, 2]) {
      const found = frequencies(logits, { temperature, topK: null });
      const expected = softmax(logits.map((z) => z / temperature));
      found.forEach((share, v) => expect(Math.abs(share - expected[v]!)).toBeLessThan(SPREAD));
    }
  });

  it('restricts the draw to the top k and renormalises', () => {
    const found = frequencies(logitsOf(0, Math.log(3), -5, Math.log(2)), {
      temperature: 1,
      topK: 2,
    });
    expect(found[0]! + found[2]!).toBe(0);
    expect(Math.abs(found[1]! - 0.6)).toBeLessThan(SPREAD);
    expect(Math.abs(found[3]! - 0.4)).toBeLessThan(SPREAD);
  });

  it('keeps a token chosen among all that is also in the top k', () => {
    // Shared noise: cutting the candidates cannot change a choice that survives the cut.
    const rng = makeRng(2);
    for (let t = 0; t < 200; t++) {
      const logits = Float32Array.from({ length: 30 }, () => rng.normal());
      const free = sampleToken(logits, rule, t);
      if (topTokens(logits, 10).includes(free)) {
        expect(sampleToken(logits, { ...rule, topK: 10 }, t)).toBe(free);
      }
    }
  });

  it('refuses impossible settings by field', () => {
    const logits = logitsOf(0, 1);
    expect(() => sampleToken(logits, { ...rule, temperature: -1 }, 0)).toThrow('temperature');
    expect(() => sampleToken(logits, { ...rule, temperature: NaN }, 0)).toThrow('temperature');
    expect(() => sampleToken(logits, { ...rule, topK: 0 }, 0)).toThrow('topK');
  });
});

it('gumbelNoise has the mean and variance of a standard Gumbel', () => {
  const n = 40_000;
  const values = Array.from({ length: n }, (_, i) => gumbelNoise(9, i % 200, Math.floor(i / 200)));
  const mean = values.reduce((a, b) => a + b) / n;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  expect(mean).toBeCloseTo(0.5772, 1);
  expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.08);
});
