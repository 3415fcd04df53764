import { describe, expect, it } from 'vitest';
import {
  addSparseCode,
  HISTOGRAM_BINS,
  makeLatentStatistics,
  mergeLatentStatistics,
  TOP_EXAMPLES,
  type LatentStatistics,
} from '../../../src/core/latentStatistics';
import { makeRng } from '../../../src/core/rng';
import { EMPTY_SLOT, type SparseCode } from '../../../src/core/sae';

const D_SAE = 7;
const K = 3;

type Token = { sequence: number; position: number; slots: [latent: number, act: number][] };

function codeOf(tokens: Token[]): {
  code: SparseCode;
  sequences: Uint32Array;
  positions: Uint32Array;
} {
  const latentIndices = new Uint32Array(tokens.length * K).fill(EMPTY_SLOT);
  const latentActs = new Float32Array(tokens.length * K);
  tokens.forEach(({ slots }, t) => {
    slots.forEach(([latent, act], s) => {
      latentIndices[t * K + s] = latent;
      latentActs[t * K + s] = act;
    });
  });
  return {
    code: { k: K, latentIndices, latentActs },
    sequences: Uint32Array.from(tokens, (t) => t.sequence),
    positions: Uint32Array.from(tokens, (t) => t.position),
  };
}

function statisticsOf(tokens: Token[]): LatentStatistics {
  const stats = makeLatentStatistics(D_SAE);
  const { code, sequences, positions } = codeOf(tokens);
  addSparseCode(stats, code, sequences, positions);
  return stats;
}

function randomTokens(count: number, seed: number): Token[] {
  const rng = makeRng(seed);
  return Array.from({ length: count }, (_, i) => ({
    sequence: Math.floor(i / 10),
    position: i % 10,
    slots: Array.from({ length: rng.below(K + 1) }, (_unused, s): [number, number] => [
      (rng.below(2) + s * 2) % D_SAE,
      Math.fround(Math.exp(rng.normal() * 3)),
    ]),
  }));
}

describe('latent statistics', () => {
  it('counts a hand-made code', () => {
    const stats = statisticsOf([
      {
        sequence: 0,
        position: 1,
        slots: [
          [2, 4],
          [0, 1],
        ],
      },
      { sequence: 0, position: 2, slots: [[2, 6]] },
      { sequence: 1, position: 5, slots: [] },
    ]);
    expect(stats.countedTokens).toBe(3);
    expect([...stats.fireCount]).toEqual([1, 0, 2, 0, 0, 0, 0]);
    expect(stats.actSum[2]).toBe(10);
    expect(stats.maxAct[2]).toBe(6);
    // R grows to the power of two above the largest activation.
    expect(stats.range[2]).toBe(8);
    const bins = stats.histogram.subarray(2 * HISTOGRAM_BINS, 3 * HISTOGRAM_BINS);
    expect(bins[(4 / 8) * HISTOGRAM_BINS]).toBe(1);
    expect(bins[(6 / 8) * HISTOGRAM_BINS]).toBe(1);
  });

  it('keeps the exact histogram of all activations through every fold', () => {
    const tokens = randomTokens(2000, 3);
    const stats = statisticsOf(tokens);
    for (let latent = 0; latent < D_SAE; latent++) {
      const acts = tokens.flatMap((t) => t.slots.filter(([l]) => l === latent).map(([, a]) => a));
      const range = stats.range[latent]!;
      const expected = new Array<number>(HISTOGRAM_BINS).fill(0);
      for (const act of acts) expected[Math.floor((act / range) * HISTOGRAM_BINS)]!++;
      const start = latent * HISTOGRAM_BINS;
      expect([...stats.histogram.subarray(start, start + HISTOGRAM_BINS)]).toEqual(expected);
    }
  });

  it('keeps the strongest token of each sequence, strongest first', () => {
    const tokens = randomTokens(3000, 5);
    const stats = statisticsOf(tokens);
    for (let latent = 0; latent < D_SAE; latent++) {
      const bestOf = new Map<number, { act: number; position: number }>();
      for (const { sequence, position, slots } of tokens) {
        for (const [l, act] of slots) {
          const best = bestOf.get(sequence);
          if (l === latent && (best === undefined || act > best.act)) {
            bestOf.set(sequence, { act, position });
          }
        }
      }
      const expected = [...bestOf]
        .map(([sequence, best]) => [best.act, sequence, best.position])
        .sort((a, b) => b[0]! - a[0]! || a[1]! - b[1]!)
        .slice(0, TOP_EXAMPLES);
      const found = Array.from({ length: expected.length }, (_, i) => {
        const at = latent * TOP_EXAMPLES + i;
        return [stats.topAct[at], stats.topSequence[at], stats.topPosition[at]];
      });
      expect(found).toEqual(expected);
    }
  });

  it('merges two parts into what one pass over both gives, in either order', () => {
    const tokens = randomTokens(1500, 11);
    const whole = statisticsOf(tokens);
    // A cut inside a sequence: its two halves compete for one place among the examples.
    const parts = [tokens.slice(0, 704), tokens.slice(704)];
    for (const [first, second] of [parts, [...parts].reverse()]) {
      const merged = statisticsOf(first!);
      mergeLatentStatistics(merged, statisticsOf(second!));
      const sums = { actSum: null, actSum2: null, actSum3: null, actSum4: null };
      expect({ ...merged, ...sums }).toEqual({ ...whole, ...sums });
      for (const name of ['actSum', 'actSum2', 'actSum3', 'actSum4'] as const) {
        merged[name].forEach((sum, i) => {
          expect(sum).toBeCloseTo(whole[name][i]!, 8);
        });
      }
    }
  });

  it('refuses a code of another length', () => {
    const stats = makeLatentStatistics(D_SAE);
    const { code } = codeOf(randomTokens(2, 1));
    expect(() => {
      addSparseCode(stats, code, new Uint32Array(3), new Uint32Array(3));
    }).toThrow('sparse code of 6 slots does not fit 3 tokens of 3 slots');
  });
});
