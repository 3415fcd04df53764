// Which latents fire together. Keeps the active latents of a sample of tokens, about every 16th, in bounded
// memory: when the sample exceeds its budget, half of it is dropped by a rule that depends on the token
// alone. So it is order-free: the same tokens remain in any order or split. Exact over its sample.
import { ShapeError } from '../errors';
import { hash32 } from '../numeric/rng';
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** Initially one token in this many is sampled; a power of two. */
export const FIRST_STRIDE = 16;
/** Most active latents in the sample: 32 MiB. */
export const MAX_ENTRIES = 8 * 2 ** 20;
/** Partners listed per latent. */
export const PARTNERS = 10;

export type CoActivations = {
  d_sae: number;
  stride: number;
  maxEntries: number;
  /** hash of each sampled token, and where its latents end in `latents` */
  hashes: number[];
  ends: number[];
  latents: Uint32Array;
};

export function makeCoActivations(d_sae: number, maxEntries = MAX_ENTRIES): CoActivations {
  const latents = new Uint32Array(0);
  return { d_sae, stride: FIRST_STRIDE, maxEntries, hashes: [], ends: [], latents };
}

export function sampledTokens(sample: CoActivations): number {
  return sample.hashes.length;
}

function entries(sample: CoActivations): number {
  return sample.ends.at(-1) ?? 0;
}

/** Adds the sampled ones of these tokens; latents that are 0 do not fire. */
export function addCoActivations(
  sample: CoActivations,
  code: SparseCode,
  tokens: Uint32Array,
  seed: number,
): void {
  for (const [i, token] of tokens.entries()) {
    const hash = hash32(seed, token);
    if ((hash & (sample.stride - 1)) !== 0) continue;
    const active: number[] = [];
    for (let slot = i * code.k; slot < (i + 1) * code.k; slot++) {
      const latent = code.latentIndices[slot]!;
      if (latent !== EMPTY_SLOT && code.latentActs[slot]! > 0) active.push(latent);
    }
    append(sample, hash, active);
  }
  thin(sample);
}

function append(sample: CoActivations, hash: number, active: ArrayLike<number>): void {
  const start = entries(sample);
  const end = start + active.length;
  if (end > sample.latents.length) {
    const grown = new Uint32Array(Math.ceil(end * 1.5));
    grown.set(sample.latents);
    sample.latents = grown;
  }
  sample.latents.set(active, start);
  sample.hashes.push(hash);
  sample.ends.push(end);
}

/** Doubles the stride until the sample fits its budget. */
function thin(sample: CoActivations): void {
  while (entries(sample) > sample.maxEntries) {
    sample.stride *= 2;
    keepSampled(sample);
  }
}

function keepSampled(sample: CoActivations): void {
  const { hashes, ends, latents } = sample;
  let kept = 0;
  let used = 0;
  for (let i = 0; i < hashes.length; i++) {
    if ((hashes[i]! & (sample.stride - 1)) !== 0) continue;
    const start = i === 0 ? 0 : ends[i - 1]!;
    const end = ends[i]!;
    // Writes happen at or before the position being read, so nothing is lost.
    latents.copyWithin(used, start, end);
    used += end - start;
    hashes[kept] = hashes[i]!;
    ends[kept] = used;
    kept++;
  }
  hashes.length = kept;
  ends.length = kept;
}

/** Adds the sample of other tokens of the same corpus. */
export function mergeCoActivations(sample: CoActivations, other: CoActivations): void {
  if (sample.d_sae !== other.d_sae) {
    throw new ShapeError(`samples of ${sample.d_sae} and ${other.d_sae} latents cannot be merged`);
  }
  if (other.stride > sample.stride) {
    sample.stride = other.stride;
    keepSampled(sample);
  }
  for (let i = 0; i < other.hashes.length; i++) {
    const hash = other.hashes[i]!;
    if ((hash & (sample.stride - 1)) !== 0) continue;
    append(sample, hash, other.latents.subarray(i === 0 ? 0 : other.ends[i - 1]!, other.ends[i]));
  }
  thin(sample);
}

/** Tokens on which two latents must fire together before they are called partners. */
export const MIN_TOGETHER = 5;
/** One-sided 0.02 %: a latent is compared with thousands of others, so that chance alone finds many at 5
 *  %. */
const BOUND_Z = 3.5;

/** [d_sae, PARTNERS] each, largest lower bound of φ first; φ 0 ends a list. */
export type LatentPartners = {
  /** tokens that they were counted on */
  tokens: number;
  indices: Uint32Array;
  phi: Float32Array;
  /** sampled tokens on which both fire; 0: kept by an earlier version, which did not count them */
  together: Uint32Array;
  /** P(j | i): share of the sampled tokens on which i fires on which j fires too */
  conditional: Float32Array;
};

/** φ = (p_ij − p_i·p_j) / √(p_i(1−p_i)·p_j(1−p_j)) (interface.md 2.3) of every latent's best partners. */
export function topPartners(sample: CoActivations): LatentPartners {
  const { d_sae, latents } = sample;
  const tokens = sampledTokens(sample);
  const partners: LatentPartners = {
    tokens,
    indices: new Uint32Array(d_sae * PARTNERS),
    phi: new Float32Array(d_sae * PARTNERS),
    together: new Uint32Array(d_sae * PARTNERS),
    conditional: new Float32Array(d_sae * PARTNERS),
  };
  const { fired, starts, places } = invert(sample);
  const together = new Uint32Array(d_sae);
  for (let latent = 0; latent < d_sae; latent++) {
    together.fill(0);
    for (let entry = starts[latent]!; entry < starts[latent + 1]!; entry++) {
      const token = places[entry]!;
      const first = token === 0 ? 0 : sample.ends[token - 1]!;
      for (let i = first; i < sample.ends[token]!; i++) together[latents[i]!]!++;
    }
    for (const [i, partner] of rankPartners(latent, tokens, fired, together).entries()) {
      const place = latent * PARTNERS + i;
      partners.indices[place] = partner.latentIndex;
      partners.phi[place] = partner.phi;
      partners.together[place] = partner.together;
      partners.conditional[place] = partner.conditional;
    }
  }
  return partners;
}

/** Sampled tokens of every latent, in one list. */
function invert(sample: CoActivations) {
  const { d_sae, latents, ends } = sample;
  const starts = new Uint32Array(d_sae + 1);
  const fired = new Uint32Array(d_sae);
  for (let i = 0; i < entries(sample); i++) fired[latents[i]!]!++;
  for (let latent = 0; latent < d_sae; latent++)
    starts[latent + 1] = starts[latent]! + fired[latent]!;
  const places = new Uint32Array(entries(sample));
  const next = starts.slice();
  for (let token = 0, i = 0; token < ends.length; token++) {
    for (; i < ends[token]!; i++) places[next[latents[i]!]!++] = token;
  }
  return { fired, starts, places };
}

/** φ of two latents that fire on a, on b and together on `both` of n tokens; 0 if it is undefined. */
export function phiOf(n: number, a: number, b: number, both: number): number {
  const spread = Math.sqrt(a * (n - a)) * Math.sqrt(b * (n - b));
  return spread > 0 ? (n * both - a * b) / spread : 0;
}

/** Lower confidence bound of φ: of P(j | i) by Wilson's interval (JASA 22, 1927) from `both` of the `a`
 *  tokens on which i fires; the rates of i and j are taken as known. Ranked by it, a pair seen twice no
 *  longer stands above one seen a hundred times. */
export function phiBound(n: number, a: number, b: number, both: number): number {
  if (a === 0) return 0;
  // Half a token less: the interval is for a continuous count, and this one is small.
  const p = Math.max(0, both - 0.5) / a;
  const z2 = BOUND_Z ** 2;
  const spread = BOUND_Z * Math.sqrt((p * (1 - p)) / a + z2 / (4 * a * a));
  const low = (p + z2 / (2 * a) - spread) / (1 + z2 / a);
  return phiOf(n, a, b, low * a);
}

/** A latent that fires with another; `phi`, `together` and `conditional` as in LatentPartners. */
type Partner = { latentIndex: number; phi: number; together: number; conditional: number };

/** The partners of one latent: those whose `phiBound` is largest, of those that fire together with it on MIN_TOGETHER
 *  tokens and whose bound is positive. At most PARTNERS.
 *  @param fired [d_sae] tokens on which each latent fires, of `tokens`
 *  @param together [d_sae] tokens on which each fires with this one */
export function rankPartners(
  latent: number,
  tokens: number,
  fired: Uint32Array,
  together: Uint32Array,
): Partner[] {
  const own = fired[latent]!;
  const ranked: { other: number; both: number; bound: number }[] = [];
  for (const [other, both] of together.entries()) {
    if (both < MIN_TOGETHER || other === latent) continue;
    const bound = phiBound(tokens, own, fired[other]!, both);
    if (bound > 0) ranked.push({ other, both, bound });
  }
  ranked.sort((a, b) => b.bound - a.bound || a.other - b.other);
  return ranked.slice(0, PARTNERS).map(({ other, both }) => ({
    latentIndex: other,
    phi: phiOf(tokens, own, fired[other]!, both),
    together: both,
    conditional: both / own,
  }));
}
