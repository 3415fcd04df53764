// The streaming statistics against plain recounts, in any order and split.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topPartners } from '../../../../src/core/statistics/coActivation';
import {
  addSparseCode,
  binSlots,
  forEachKept,
  HISTOGRAM_BINS,
  makeLatentStatistics,
  mergeLatentStatistics,
  POSITIVE_SAMPLE,
  SAMPLE_BINS,
  SAMPLES_PER_BIN,
  statisticsBytesPerLatent,
  TOP_TOKENS,
  type LatentStatistics,
} from '../../../../src/core/statistics/latentStatistics';
import { hash32, makeRng } from '../../../../src/core/numeric/rng';
import { EMPTY_SLOT, type SparseCode } from '../../../../src/core/sae/sae';

const D_SAE = 7;
const K = 3;
const CONTEXT = 10;

type Token = { sequence: number; position: number; slots: [latent: number, act: number][] };

function codeOf(tokens: Token[]): { code: SparseCode; places: Uint32Array } {
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
    places: Uint32Array.from(tokens, (t) => t.sequence * CONTEXT + t.position),
  };
}

function statisticsOf(tokens: Token[]): LatentStatistics {
  const stats = makeLatentStatistics({ d_sae: D_SAE, contextSize: CONTEXT });
  const { code, places } = codeOf(tokens);
  addSparseCode(stats, code, places);
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

const TOKENS = randomTokens(700, 11);

/** Equal but for rounding of sums and the order in which co-activations were sampled. */
function expectSame(found: LatentStatistics, expected: LatentStatistics): void {
  const sums = ['actSum', 'actSum2', 'actSum3', 'actSum4'] as const;
  const apart = { actSum: 0, actSum2: 0, actSum3: 0, actSum4: 0, coActivations: 0 };
  expect({ ...found, ...apart }).toEqual({ ...expected, ...apart });
  for (const name of sums) {
    for (const [i, sum] of found[name].entries()) {
      expect(Math.abs(sum - expected[name][i]!)).toBeLessThanOrEqual(1e-12 * expected[name][i]!);
    }
  }
  expect(topPartners(found.coActivations)).toEqual(topPartners(expected.coActivations));
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
    expect(stats.actSum4[2]).toBe(4 ** 4 + 6 ** 4);
    expect(stats.top.acts[2 * TOP_TOKENS]).toBe(6);
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
        .slice(0, TOP_TOKENS);
      const found = Array.from({ length: expected.length }, (_, i) => {
        const at = latent * TOP_TOKENS + i;
        const token = stats.top.tokens[at]!;
        return [stats.top.acts[at], Math.floor(token / CONTEXT), token % CONTEXT];
      });
      expect(found).toEqual(expected);
    }
  });

  it('samples each bin and all firing tokens by smallest hash, through every fold', () => {
    const tokens = randomTokens(3000, 8);
    const stats = statisticsOf(tokens);
    for (let latent = 0; latent < D_SAE; latent++) {
      const key = hash32(stats.seed, latent);
      const fired = tokens.flatMap(({ sequence, position, slots }) =>
        slots
          .filter(([l]) => l === latent)
          .map(([, act]) => ({ act, token: sequence * CONTEXT + position })),
      );
      const smallest = (kept: typeof fired, count: number) =>
        kept
          .sort((a, b) => hash32(key, a.token) - hash32(key, b.token))
          .slice(0, count)
          .map(({ token }) => token);
      const positives = stats.positives.tokens.subarray(latent * POSITIVE_SAMPLE);
      const expected = smallest(fired, POSITIVE_SAMPLE);
      expect([...positives.subarray(0, expected.length)]).toEqual(expected);
      for (let bin = 0; bin < SAMPLE_BINS; bin++) {
        const inBin = fired.filter(
          ({ act }) => Math.floor((act / stats.range[latent]!) * SAMPLE_BINS) === bin,
        );
        const found: number[] = [];
        forEachKept(stats.binned, binSlots(latent, bin), (_act, token) => found.push(token));
        expect(found).toEqual(smallest(inBin, SAMPLES_PER_BIN));
      }
    }
  });

  it('is the same for any order and any split of the tokens', () => {
    const whole = statisticsOf(TOKENS);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...TOKENS.keys()], { minLength: TOKENS.length }),
        fc.array(fc.nat(TOKENS.length), { maxLength: 3 }),
        (order, cuts) => {
          const tokens = order.map((i) => TOKENS[i]!);
          const edges = [0, ...cuts.sort((a, b) => a - b), TOKENS.length];
          const parts = edges.slice(1).map((end, i) => statisticsOf(tokens.slice(edges[i], end)));
          const merged = parts.reduceRight((into, part) => {
            mergeLatentStatistics(into, part);
            return into;
          });
          expectSame(merged, whole);
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it('holds at most 3.6 KB per latent, as the estimate says', () => {
    expect(statisticsBytesPerLatent()).toBe(3624);
    const stats = makeLatentStatistics({ d_sae: 100, contextSize: 128 });
    const kept = [stats.top, stats.positives, stats.binned];
    const arrays: unknown[] = [
      ...Object.values(stats),
      ...kept.flatMap(({ acts, tokens }) => [acts, tokens]),
    ];
    const bytes = arrays.reduce<number>(
      (sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0),
      0,
    );
    expect(bytes / 100).toBe(statisticsBytesPerLatent());
  });

  it('refuses a code of another length', () => {
    const stats = makeLatentStatistics({ d_sae: D_SAE, contextSize: CONTEXT });
    const { code } = codeOf(randomTokens(2, 1));
    expect(() => {
      addSparseCode(stats, code, new Uint32Array(3));
    }).toThrow('sparse code of 6 slots does not fit 3 tokens of 3 slots');
  });
});
