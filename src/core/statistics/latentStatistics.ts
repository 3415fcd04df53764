// What one streaming pass over a corpus records for every latent: exact counts, moments, a histogram that
// folds when it overflows, the strongest tokens and uniform samples (interface.md 5). Order-free: two halves
// merged equal one whole pass. It knows tokens as numbers, never as text.
import {
  addCoActivations,
  makeCoActivations,
  mergeCoActivations,
  type CoActivations,
} from './coActivation';
import { ShapeError } from '../errors';
import {
  makeKeptTokens,
  offerSmallestHash,
  offerStrongest,
  takeAll,
  type KeptTokens,
} from './keptTokens';
import { hash32 } from '../numeric/rng';
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

/** Linear bins on [0, R), R a power of two per latent. */
export const HISTOGRAM_BINS = 128;
/** Strongest tokens kept per latent, at most one per sequence. */
export const TOP_TOKENS = 64;
/** Uniform sample of all firing tokens of a latent. */
export const POSITIVE_SAMPLE = 64;
/** Bins on [0, R) with a uniform sample of their own each. */
export const SAMPLE_BINS = 32;
export const SAMPLES_PER_BIN = 8;

const FIRST_RANGE = 2 ** -10;

export type LatentStatistics = {
  d_sae: number;
  /** token = sequence · contextSize + position */
  contextSize: number;
  /** of the samples */
  seed: number;
  /** counted (non-special) tokens seen, and special ones left out */
  countedTokens: number;
  excludedTokens: number;
  /** tokens on which the latent fired, [d_sae] */
  fireCount: Uint32Array;
  /** Σ activation and the sums of its powers, [d_sae] each */
  actSum: Float64Array;
  actSum2: Float64Array;
  actSum3: Float64Array;
  actSum4: Float64Array;
  /** R of each histogram, [d_sae] */
  range: Float32Array;
  /** [d_sae, HISTOGRAM_BINS] */
  histogram: Uint32Array;
  /** [d_sae, TOP_TOKENS], strongest first */
  top: KeptTokens;
  /** [d_sae, POSITIVE_SAMPLE], smallest hash first */
  positives: KeptTokens;
  /** [d_sae, SAMPLE_BINS, SAMPLES_PER_BIN], smallest hash first */
  binned: KeptTokens;
  coActivations: CoActivations;
};

export function makeLatentStatistics(o: {
  d_sae: number;
  contextSize: number;
  seed?: number;
}): LatentStatistics {
  const { d_sae } = o;
  return {
    d_sae,
    contextSize: o.contextSize,
    seed: o.seed ?? 0,
    countedTokens: 0,
    excludedTokens: 0,
    fireCount: new Uint32Array(d_sae),
    actSum: new Float64Array(d_sae),
    actSum2: new Float64Array(d_sae),
    actSum3: new Float64Array(d_sae),
    actSum4: new Float64Array(d_sae),
    range: new Float32Array(d_sae).fill(FIRST_RANGE),
    histogram: new Uint32Array(d_sae * HISTOGRAM_BINS),
    top: makeKeptTokens(d_sae * TOP_TOKENS),
    positives: makeKeptTokens(d_sae * POSITIVE_SAMPLE),
    binned: makeKeptTokens(d_sae * SAMPLE_BINS * SAMPLES_PER_BIN),
    coActivations: makeCoActivations(d_sae),
  };
}

/** Bytes per latent during a pass; the co-activation sample has its own bound. */
export function statisticsBytesPerLatent(): number {
  const one = makeLatentStatistics({ d_sae: 1, contextSize: 1 });
  const { top, positives, binned } = one;
  const kept = [top, positives, binned].flatMap(({ acts, tokens }) => [acts, tokens]);
  const arrays: unknown[] = [...Object.values(one), ...kept];
  return arrays.reduce<number>(
    (bytes, value) => bytes + (ArrayBuffer.isView(value) ? value.byteLength : 0),
    0,
  );
}

/** Adds the sparse code of n counted tokens; tokens: [n]. Throws ShapeError if they do not match the code. */
export function addSparseCode(
  stats: LatentStatistics,
  code: SparseCode,
  tokens: Uint32Array,
): void {
  if (code.latentIndices.length !== tokens.length * code.k) {
    throw new ShapeError(
      `sparse code of ${code.latentIndices.length} slots does not fit ${tokens.length} tokens of ${code.k} slots`,
    );
  }
  for (const [i, token] of tokens.entries()) {
    for (let slot = i * code.k; slot < (i + 1) * code.k; slot++) {
      const act = code.latentActs[slot]!;
      const latent = code.latentIndices[slot]!;
      if (latent === EMPTY_SLOT || !(act > 0)) continue;
      countActivation(stats, latent, act);
      keepToken(stats, latent, act, token);
    }
  }
  stats.countedTokens += tokens.length;
  addCoActivations(stats.coActivations, code, tokens, stats.seed);
}

function countActivation(stats: LatentStatistics, latent: number, act: number): void {
  const square = act * act;
  stats.fireCount[latent]!++;
  stats.actSum[latent]! += act;
  stats.actSum2[latent]! += square;
  stats.actSum3[latent]! += square * act;
  stats.actSum4[latent]! += square * square;
  while (act >= stats.range[latent]!) foldBins(stats, latent);
  const bin = Math.floor((act / stats.range[latent]!) * HISTOGRAM_BINS);
  stats.histogram[latent * HISTOGRAM_BINS + bin]!++;
}

/** Offers a token whose activation lies within the latent's range to its three collections. */
function keepToken(stats: LatentStatistics, latent: number, act: number, token: number): void {
  const top = { start: latent * TOP_TOKENS, slots: TOP_TOKENS };
  offerStrongest(stats.top, top, act, token, stats.contextSize);
  const key = hash32(stats.seed, latent);
  const positives = { start: latent * POSITIVE_SAMPLE, slots: POSITIVE_SAMPLE };
  offerSmallestHash(stats.positives, positives, key, act, token);
  const bin = Math.floor((act / stats.range[latent]!) * SAMPLE_BINS);
  offerSmallestHash(stats.binned, binSlots(latent, bin), key, act, token);
}

export function binSlots(latent: number, bin: number) {
  return { start: (latent * SAMPLE_BINS + bin) * SAMPLES_PER_BIN, slots: SAMPLES_PER_BIN };
}

/** Doubles R: adds pairs of histogram bins, so that counts stay exact, and joins the samples of pairs. */
function foldBins(stats: LatentStatistics, latent: number): void {
  const bins = stats.histogram.subarray(latent * HISTOGRAM_BINS, (latent + 1) * HISTOGRAM_BINS);
  const half = HISTOGRAM_BINS / 2;
  for (let i = 0; i < half; i++) bins[i] = bins[2 * i]! + bins[2 * i + 1]!;
  bins.fill(0, half);
  stats.range[latent]! *= 2;
  const key = hash32(stats.seed, latent);
  for (let bin = 0; bin < SAMPLE_BINS; bin++) {
    const into = binSlots(latent, bin >> 1);
    for (const [act, token] of takeAll(stats.binned, binSlots(latent, bin))) {
      offerSmallestHash(stats.binned, into, key, act, token);
    }
  }
}

/** Adds `other`, computed on other tokens of the same corpus, into `stats`. */
export function mergeLatentStatistics(stats: LatentStatistics, other: LatentStatistics): void {
  for (const name of ['d_sae', 'contextSize', 'seed'] as const) {
    if (stats[name] === other[name]) continue;
    throw new ShapeError(
      `statistics of ${name} ${stats[name]} and ${other[name]} cannot be merged`,
    );
  }
  stats.countedTokens += other.countedTokens;
  stats.excludedTokens += other.excludedTokens;
  for (let latent = 0; latent < stats.d_sae; latent++) {
    stats.fireCount[latent]! += other.fireCount[latent]!;
    for (const name of ['actSum', 'actSum2', 'actSum3', 'actSum4'] as const) {
      stats[name][latent]! += other[name][latent]!;
    }
    mergeHistogram(stats, other, latent);
    mergeKept(stats, other, latent);
  }
  mergeCoActivations(stats.coActivations, other.coActivations);
}

function mergeHistogram(stats: LatentStatistics, other: LatentStatistics, latent: number): void {
  while (stats.range[latent]! < other.range[latent]!) foldBins(stats, latent);
  // other's R is now at most ours, so each of its bins lies within one of ours.
  const shrink = stats.range[latent]! / other.range[latent]!;
  const start = latent * HISTOGRAM_BINS;
  for (let i = 0; i < HISTOGRAM_BINS; i++) {
    stats.histogram[start + Math.floor(i / shrink)]! += other.histogram[start + i]!;
  }
}

/** Tokens that other's collections dropped stay dropped: ours would have dropped them too. */
function mergeKept(stats: LatentStatistics, other: LatentStatistics, latent: number): void {
  const key = hash32(stats.seed, latent);
  const top = { start: latent * TOP_TOKENS, slots: TOP_TOKENS };
  forEachKept(other.top, top, (act, token) => {
    offerStrongest(stats.top, top, act, token, stats.contextSize);
  });
  const positives = { start: latent * POSITIVE_SAMPLE, slots: POSITIVE_SAMPLE };
  forEachKept(other.positives, positives, (act, token) => {
    offerSmallestHash(stats.positives, positives, key, act, token);
  });
  for (let bin = 0; bin < SAMPLE_BINS; bin++) {
    forEachKept(other.binned, binSlots(latent, bin), (act, token) => {
      const into = Math.floor((act / stats.range[latent]!) * SAMPLE_BINS);
      offerSmallestHash(stats.binned, binSlots(latent, into), key, act, token);
    });
  }
}

export function forEachKept(
  kept: KeptTokens,
  { start, slots }: { start: number; slots: number },
  visit: (act: number, token: number) => void,
): void {
  for (let i = start; i < start + slots && kept.acts[i]! > 0; i++) {
    visit(kept.acts[i]!, kept.tokens[i]!);
  }
}
