// Which latents fire together: counted by hand, against a plain recount, and within its budget.
import { describe, expect, it } from 'vitest';
import {
  addCoActivations,
  FIRST_STRIDE,
  MIN_TOGETHER,
  makeCoActivations,
  mergeCoActivations,
  PARTNERS,
  phiBound,
  phiOf,
  sampledTokens,
  topPartners,
} from '../../../../src/core/statistics/coActivation';
import { EMPTY_SLOT } from '../../../../src/core/sae/sae';
import { hash32, makeRng } from '../../../../src/core/numeric/rng';

const SEED = 3;
const K = 4;

/** Latents that fire on each of many tokens: 0 and 1 often together, the others at random. */
function makeTokens(count: number, d_sae: number) {
  const rng = makeRng(9);
  return Array.from({ length: count }, () => {
    const active = new Set<number>();
    if (rng.next() < 0.3) active.add(0);
    if (active.has(0) ? rng.next() < 0.8 : rng.next() < 0.1) active.add(1);
    while (active.size < K) active.add(2 + rng.below(d_sae - 2));
    return [...active];
  });
}

function sampleOf(tokens: number[][], first: number, d_sae: number, maxEntries?: number) {
  const sample = makeCoActivations(d_sae, maxEntries);
  const code = {
    k: K,
    latentIndices: Uint32Array.from(tokens.flat()),
    latentActs: new Float32Array(tokens.length * K).fill(1),
  };
  addCoActivations(
    sample,
    code,
    Uint32Array.from(tokens, (_, i) => first + i),
    SEED,
  );
  return sample;
}

describe('co-activation', () => {
  it('has φ 1 for latents that always go together, 0 for independent ones', () => {
    expect(phiOf(100, 20, 20, 20)).toBeCloseTo(1, 12);
    expect(phiOf(100, 20, 50, 10)).toBeCloseTo(0, 12);
    expect(phiOf(100, 100, 50, 50)).toBe(0);
    // By hand: n 10, a 4, b 5, both 3: (30 − 20) / √(4·6·5·5) = 10/√600.
    expect(phiOf(10, 4, 5, 3)).toBeCloseTo(10 / Math.sqrt(600), 12);
  });

  it('counts its sample exactly', () => {
    const d_sae = 30;
    const tokens = makeTokens(4000, d_sae);
    const sample = sampleOf(tokens, 0, d_sae);
    const sampled = tokens.filter((_, i) => hash32(SEED, i) % FIRST_STRIDE === 0);
    expect(sampledTokens(sample)).toBe(sampled.length);
    expect(sampled.length).toBeGreaterThan(200);
    const partners = topPartners(sample);
    for (const latent of [0, 1, 7, 29]) {
      const own = sampled.filter((active) => active.includes(latent));
      const expected = Array.from({ length: d_sae }, (_, other) => {
        const both = own.filter((active) => active.includes(other)).length;
        const b = sampled.filter((active) => active.includes(other)).length;
        return {
          other,
          both,
          phi: phiOf(sampled.length, own.length, b, both),
          bound: phiBound(sampled.length, own.length, b, both),
          p: both / own.length,
        };
      })
        .filter(({ other, both, bound }) => other !== latent && both >= MIN_TOGETHER && bound > 0)
        .sort((a, b) => b.bound - a.bound || a.other - b.other)
        .slice(0, PARTNERS);
      const at = latent * PARTNERS;
      for (const [i, { other, both, phi, p }] of expected.entries()) {
        expect(partners.indices[at + i]).toBe(other);
        expect(partners.together[at + i]).toBe(both);
        expect(partners.phi[at + i]).toBeCloseTo(phi, 6);
        expect(partners.conditional[at + i]).toBeCloseTo(p, 6);
      }
    }
    expect(partners.indices[0]).toBe(1);
  });

  it('bounds φ from below: less for fewer tokens, and by hand (7.16)', () => {
    // Wilson at z 3.5, 8 of 10 less a half: p 0.75, z² 12.25.
    const low = (0.75 + 0.6125 - 3.5 * Math.sqrt(0.01875 + 12.25 / 400)) / 2.225;
    expect(phiBound(1000, 10, 10, 8)).toBeCloseTo(phiOf(1000, 10, 10, 10 * low), 4);
    expect(phiBound(10_000, 100, 100, 80)).toBeGreaterThan(phiBound(1000, 10, 10, 8));
    expect(phiBound(10_000, 100, 100, 80)).toBeLessThan(phiOf(10_000, 100, 100, 80));
    expect(phiBound(1000, 0, 10, 0)).toBe(0);
  });

  it('names no partners among latents that fire independently (7.16)', () => {
    // 40 latents, each on 2 % of 6,000 tokens by chance: φ alone listed ten for every one of them.
    const d_sae = 40;
    const rng = makeRng(11, 0);
    const tokens = Array.from({ length: 96_000 }, () => {
      const active = Array.from({ length: d_sae }, (_, i) => i).filter(() => rng.next() < 0.02);
      return [...active, ...new Array<number>(K).fill(EMPTY_SLOT)].slice(0, K);
    });
    const partners = topPartners(sampleOf(tokens, 0, d_sae));
    const listed = partners.phi.filter((phi) => phi > 0).length;
    expect(partners.tokens).toBeGreaterThan(5000);
    // Of 1,560 pairs, few by chance; ranked by φ alone, 400 places were filled.
    expect(listed).toBeLessThan(8);
  });

  it('halves its sample when it outgrows its budget, the same for any split', () => {
    const d_sae = 30;
    const tokens = makeTokens(6000, d_sae);
    const budget = 400;
    const whole = sampleOf(tokens, 0, d_sae, budget);
    expect(whole.stride).toBeGreaterThan(FIRST_STRIDE);
    expect(whole.ends.at(-1)).toBeLessThanOrEqual(budget);
    for (const cut of [500, 3000, 5900]) {
      const merged = sampleOf(tokens.slice(cut), cut, d_sae, budget);
      mergeCoActivations(merged, sampleOf(tokens.slice(0, cut), 0, d_sae, budget));
      expect(merged.stride).toBe(whole.stride);
      expect(topPartners(merged)).toEqual(topPartners(whole));
    }
  });
});
