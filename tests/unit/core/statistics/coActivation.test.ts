// Which latents fire together: counted by hand, against a plain recount, and within its budget.
import { describe, expect, it } from 'vitest';
import {
  addCoActivations,
  FIRST_STRIDE,
  makeCoActivations,
  mergeCoActivations,
  PARTNERS,
  phiOf,
  sampledTokens,
  topPartners,
} from '../../../../src/core/statistics/coActivation';
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
        return { other, phi: phiOf(sampled.length, own.length, b, both), p: both / own.length };
      })
        .filter(({ other, phi }) => other !== latent && phi > 0)
        .sort((a, b) => b.phi - a.phi || a.other - b.other)
        .slice(0, PARTNERS);
      const at = latent * PARTNERS;
      for (const [i, { other, phi, p }] of expected.entries()) {
        expect(partners.indices[at + i]).toBe(other);
        expect(partners.phi[at + i]).toBeCloseTo(phi, 6);
        expect(partners.conditional[at + i]).toBeCloseTo(p, 6);
      }
    }
    expect(partners.indices[0]).toBe(1);
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
