// How well an SAE reconstructs its input: the metrics of sae.md §10 that need activations only, as sums that
// grow by batches and can be merged. f64 throughout; every batch is centred on its own mean before merging,
// so that large squares do not cancel. It does not know how saeOut was made.
import { invariant, ShapeError } from '../../errors';
import { mergeCentred, type CentredMoments } from '../../numeric/moments';

export type ReconstructionSums = {
  d_in: number;
  /** saeIn y, per dimension */
  y: CentredMoments;
  /** saeError e = y − ŷ, per dimension */
  e: CentredMoments;
  squaredError: number;
  /** Σ ‖e‖² / ‖y‖² */
  relativeError: number;
  cosine: number;
  normRatio: number;
  /** Σ ‖ŷ‖² and Σ y·ŷ */
  outSquared: number;
  inDotOut: number;
  /** Σ over the tokens that differ from their batch's mean, and how many those are */
  legacy: number;
  legacyTokens: number;
};

export type ReconstructionMetrics = {
  /** counted tokens */
  tokens: number;
  /** mean Σ_d e², model units squared */
  mse: number;
  /** mean ‖e‖² / ‖y‖², uncentred */
  nmse: number;
  /** Σ‖e‖² / Σ‖y − ȳ‖², ȳ per dimension over all tokens */
  fvu: number;
  /** 1 − fvu */
  explainedVariance: number;
  /** SAELens `explained_variance_legacy`: mean over tokens of 1 − ‖e‖² / ‖y − ȳ_batch‖² */
  explainedVarianceLegacy: number;
  /** 1 − Σ_d Var(e) / Σ_d Var(y): forgives a constant offset (dictionary_learning) */
  fracVarianceExplained: number;
  /** mean y·ŷ / (‖y‖‖ŷ‖) */
  cosine: number;
  /** mean ‖ŷ‖ / ‖y‖ */
  l2Ratio: number;
  /** mean ‖ŷ‖² / mean y·ŷ (2404.16014 eq. 10); 1 is unbiased */
  relativeReconstructionBias: number;
};

export function makeReconstructionSums(d_in: number): ReconstructionSums {
  const moments = (): CentredMoments => ({
    count: 0,
    mean: new Float64Array(d_in),
    squares: new Float64Array(d_in),
  });
  return {
    d_in,
    y: moments(),
    e: moments(),
    squaredError: 0,
    relativeError: 0,
    cosine: 0,
    normRatio: 0,
    outSquared: 0,
    inDotOut: 0,
    legacy: 0,
    legacyTokens: 0,
  };
}

/** Adds one batch in place. saeIn, saeOut: [n, d_in], model units. `explainedVarianceLegacy`
 *  depends on how tokens are batched. A token of norm 0 counts as 0 in the ratios to that norm.
 *  Throws ShapeError if lengths do not match. */
export function addReconstruction(
  sums: ReconstructionSums,
  saeIn: ArrayLike<number>,
  saeOut: ArrayLike<number>,
): void {
  const { d_in } = sums;
  const n = saeIn.length / d_in;
  if (!Number.isInteger(n) || saeOut.length !== saeIn.length) {
    throw new ShapeError(
      `saeIn has ${saeIn.length} values, saeOut ${saeOut.length}: expected [n, ${d_in}] for both`,
    );
  }
  const error = Float64Array.from({ length: saeIn.length }, (_, j) => saeIn[j]! - saeOut[j]!);
  const batch = centred(saeIn, d_in);
  for (let token = 0; token < n; token++) addToken(sums, { token, saeIn, saeOut, error, batch });
  mergeCentred(sums.y, batch);
  mergeCentred(sums.e, centred(error, d_in));
}

function addToken(
  sums: ReconstructionSums,
  o: {
    token: number;
    saeIn: ArrayLike<number>;
    saeOut: ArrayLike<number>;
    error: Float64Array;
    batch: CentredMoments;
  },
): void {
  let inSquared = 0;
  let outSquared = 0;
  let dot = 0;
  let squaredError = 0;
  let aboutMean = 0;
  for (let i = 0; i < sums.d_in; i++) {
    const index = o.token * sums.d_in + i;
    const y = o.saeIn[index]!;
    const out = o.saeOut[index]!;
    inSquared += y * y;
    outSquared += out * out;
    dot += y * out;
    squaredError += o.error[index]! ** 2;
    aboutMean += (y - o.batch.mean[i]!) ** 2;
  }
  sums.squaredError += squaredError;
  sums.outSquared += outSquared;
  sums.inDotOut += dot;
  if (inSquared > 0) {
    sums.relativeError += squaredError / inSquared;
    sums.normRatio += Math.sqrt(outSquared / inSquared);
    if (outSquared > 0) sums.cosine += dot / Math.sqrt(inSquared * outSquared);
  }
  if (aboutMean > 0) {
    sums.legacy += 1 - squaredError / aboutMean;
    sums.legacyTokens++;
  }
}

function centred(rows: ArrayLike<number>, d: number): CentredMoments {
  const count = rows.length / d;
  const mean = new Float64Array(d);
  const squares = new Float64Array(d);
  for (let j = 0; j < rows.length; j++) mean[j % d]! += rows[j]! / count;
  for (let j = 0; j < rows.length; j++) squares[j % d]! += (rows[j]! - mean[j % d]!) ** 2;
  return { count, mean, squares };
}

/** Adds the sums of `from` to `into`. */
export function mergeReconstruction(into: ReconstructionSums, from: ReconstructionSums): void {
  mergeCentred(into.y, from.y);
  mergeCentred(into.e, from.e);
  into.squaredError += from.squaredError;
  into.relativeError += from.relativeError;
  into.cosine += from.cosine;
  into.normRatio += from.normRatio;
  into.outSquared += from.outSquared;
  into.inDotOut += from.inDotOut;
  into.legacy += from.legacy;
  into.legacyTokens += from.legacyTokens;
}

export function finishReconstruction(sums: ReconstructionSums): ReconstructionMetrics {
  const tokens = sums.y.count;
  invariant(tokens > 0, 'metrics of no token');
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const variance = total(sums.y.squares);
  const fvu = sums.squaredError / variance;
  return {
    tokens,
    mse: sums.squaredError / tokens,
    nmse: sums.relativeError / tokens,
    fvu,
    explainedVariance: 1 - fvu,
    explainedVarianceLegacy: sums.legacy / sums.legacyTokens,
    fracVarianceExplained: 1 - total(sums.e.squares) / variance,
    cosine: sums.cosine / tokens,
    l2Ratio: sums.normRatio / tokens,
    relativeReconstructionBias: sums.outSquared / sums.inDotOut,
  };
}
