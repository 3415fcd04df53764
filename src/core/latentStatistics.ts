// What one streaming pass over a corpus remembers of every latent: exact counts, moments, a histogram
// that folds when it overflows, and the strongest examples (interface.md 5). Order-free: two halves
// merged equal one whole. It knows tokens as (sequence, position), never as text.
import { ShapeError } from './errors';
import { EMPTY_SLOT, type SparseCode } from './sae';

/** Linear bins on [0, R), R a power of two per latent. */
export const HISTOGRAM_BINS = 128;
/** Strongest tokens kept per latent, at most one per sequence. */
export const TOP_EXAMPLES = 64;

const FIRST_RANGE = 2 ** -10;

export type LatentStatistics = {
  d_sae: number;
  /** counted (non-special) tokens seen */
  countedTokens: number;
  /** tokens on which the latent fired, [d_sae] */
  fireCount: Uint32Array;
  /** Σ activation and the sums of its powers, [d_sae] each */
  actSum: Float64Array;
  actSum2: Float64Array;
  actSum3: Float64Array;
  actSum4: Float64Array;
  /** [d_sae]; 0 when it never fired */
  maxAct: Float32Array;
  /** R of each histogram, [d_sae] */
  range: Float64Array;
  /** [d_sae, HISTOGRAM_BINS] */
  histogram: Uint32Array;
  /** [d_sae, TOP_EXAMPLES], strongest first, 0 = empty */
  topAct: Float32Array;
  topSequence: Uint32Array;
  topPosition: Uint32Array;
};

export function makeLatentStatistics(d_sae: number): LatentStatistics {
  return {
    d_sae,
    countedTokens: 0,
    fireCount: new Uint32Array(d_sae),
    actSum: new Float64Array(d_sae),
    actSum2: new Float64Array(d_sae),
    actSum3: new Float64Array(d_sae),
    actSum4: new Float64Array(d_sae),
    maxAct: new Float32Array(d_sae),
    range: new Float64Array(d_sae).fill(FIRST_RANGE),
    histogram: new Uint32Array(d_sae * HISTOGRAM_BINS),
    topAct: new Float32Array(d_sae * TOP_EXAMPLES),
    topSequence: new Uint32Array(d_sae * TOP_EXAMPLES),
    topPosition: new Uint32Array(d_sae * TOP_EXAMPLES),
  };
}

/** Adds the sparse code of n counted tokens; sequences and positions: [n], where each token stands.
 *  Throws ShapeError when their lengths do not fit the code. */
export function addSparseCode(
  stats: LatentStatistics,
  code: SparseCode,
  sequences: Uint32Array,
  positions: Uint32Array,
): void {
  const n = sequences.length;
  if (positions.length !== n || code.latentIndices.length !== n * code.k) {
    throw new ShapeError(
      `sparse code of ${code.latentIndices.length} slots does not fit ${n} tokens of ${code.k} slots`,
    );
  }
  for (let token = 0; token < n; token++) {
    for (let slot = token * code.k; slot < (token + 1) * code.k; slot++) {
      const act = code.latentActs[slot]!;
      const latent = code.latentIndices[slot]!;
      if (latent === EMPTY_SLOT || !(act > 0)) continue;
      countActivation(stats, latent, act);
      offerExample(stats, latent, act, sequences[token]!, positions[token]!);
    }
  }
  stats.countedTokens += n;
}

function countActivation(stats: LatentStatistics, latent: number, act: number): void {
  stats.fireCount[latent]!++;
  const square = act * act;
  stats.actSum[latent]! += act;
  stats.actSum2[latent]! += square;
  stats.actSum3[latent]! += square * act;
  stats.actSum4[latent]! += square * square;
  if (act > stats.maxAct[latent]!) stats.maxAct[latent] = act;
  while (act >= stats.range[latent]!) foldHistogram(stats, latent);
  const bin = Math.floor((act / stats.range[latent]!) * HISTOGRAM_BINS);
  stats.histogram[latent * HISTOGRAM_BINS + bin]!++;
}

/** Doubles R and adds bin pairs: counts stay exact. */
function foldHistogram(stats: LatentStatistics, latent: number): void {
  const bins = stats.histogram.subarray(latent * HISTOGRAM_BINS, (latent + 1) * HISTOGRAM_BINS);
  const half = HISTOGRAM_BINS / 2;
  for (let i = 0; i < half; i++) bins[i] = bins[2 * i]! + bins[2 * i + 1]!;
  bins.fill(0, half);
  stats.range[latent]! *= 2;
}

/** Does (actA, seqA, posA) stand before (actB, seqB, posB)? Activation descending, then earliest. */
function precedes(
  actA: number,
  sequenceA: number,
  positionA: number,
  actB: number,
  sequenceB: number,
  positionB: number,
): boolean {
  if (actA !== actB) return actA > actB;
  return sequenceA !== sequenceB ? sequenceA < sequenceB : positionA < positionB;
}

/** Keeps a sorted list with at most one entry per sequence (its strongest). */
function offerExample(
  stats: LatentStatistics,
  latent: number,
  act: number,
  sequence: number,
  position: number,
): void {
  const { topAct, topSequence, topPosition } = stats;
  const start = latent * TOP_EXAMPLES;
  const last = start + TOP_EXAMPLES - 1;
  const isBefore = (i: number) =>
    precedes(act, sequence, position, topAct[i]!, topSequence[i]!, topPosition[i]!);
  if (topAct[last]! > 0 && !isBefore(last)) return;
  // The slot that will be overwritten: this sequence's older entry, else the first free or last one.
  let hole = last;
  for (let i = start; i <= last; i++) {
    if (topAct[i] === 0) {
      hole = i;
      break;
    }
    if (topSequence[i] === sequence) {
      if (!isBefore(i)) return;
      hole = i;
      break;
    }
  }
  while (hole > start && isBefore(hole - 1)) {
    topAct[hole] = topAct[hole - 1]!;
    topSequence[hole] = topSequence[hole - 1]!;
    topPosition[hole] = topPosition[hole - 1]!;
    hole--;
  }
  topAct[hole] = act;
  topSequence[hole] = sequence;
  topPosition[hole] = position;
}

/** Adds `other`, computed on other tokens of the same corpus, into `stats`. */
export function mergeLatentStatistics(stats: LatentStatistics, other: LatentStatistics): void {
  if (stats.d_sae !== other.d_sae) {
    throw new ShapeError(
      `statistics of ${stats.d_sae} and ${other.d_sae} latents cannot be merged`,
    );
  }
  stats.countedTokens += other.countedTokens;
  for (let latent = 0; latent < stats.d_sae; latent++) {
    stats.fireCount[latent]! += other.fireCount[latent]!;
    stats.actSum[latent]! += other.actSum[latent]!;
    stats.actSum2[latent]! += other.actSum2[latent]!;
    stats.actSum3[latent]! += other.actSum3[latent]!;
    stats.actSum4[latent]! += other.actSum4[latent]!;
    stats.maxAct[latent] = Math.max(stats.maxAct[latent]!, other.maxAct[latent]!);
    mergeHistogram(stats, other, latent);
    for (let i = latent * TOP_EXAMPLES; i < (latent + 1) * TOP_EXAMPLES; i++) {
      const act = other.topAct[i]!;
      if (act > 0) offerExample(stats, latent, act, other.topSequence[i]!, other.topPosition[i]!);
    }
  }
}

function mergeHistogram(stats: LatentStatistics, other: LatentStatistics, latent: number): void {
  while (stats.range[latent]! < other.range[latent]!) foldHistogram(stats, latent);
  // other's R is now at most ours: each of its bins falls whole into one of ours.
  const shrink = stats.range[latent]! / other.range[latent]!;
  const start = latent * HISTOGRAM_BINS;
  for (let i = 0; i < HISTOGRAM_BINS; i++) {
    stats.histogram[start + Math.floor(i / shrink)]! += other.histogram[start + i]!;
  }
}
