// Mean and centred squares of a stream of rows, merged chunk by chunk in f64.

export type Moments = {
  count: number;
  /** [d] */
  mean: Float64Array;
  /** [d], Σ (x − mean)² */
  squares: Float64Array;
  /** Σ ‖x‖ */
  normSum: number;
};

/** Moments of some rows, of any precision. */
export type MomentsChunk = {
  count: number;
  mean: ArrayLike<number>;
  squares: ArrayLike<number>;
  /** [count] */
  norms: ArrayLike<number>;
};

export function makeMoments(d: number): Moments {
  return { count: 0, mean: new Float64Array(d), squares: new Float64Array(d), normSum: 0 };
}

/** Number of rows, their mean [d] and squares about that mean [d]: all that merging needs. */
export type CentredMoments = Pick<Moments, 'count' | 'mean' | 'squares'>;

/** Adds a chunk in place. Pairwise update of Chan, Golub, LeVeque (1983), eq. 2.1. */
export function mergeCentred(
  into: CentredMoments,
  chunk: { count: number; mean: ArrayLike<number>; squares: ArrayLike<number> },
): void {
  if (chunk.count === 0) return;
  const count = into.count + chunk.count;
  for (let i = 0; i < into.mean.length; i++) {
    const delta = chunk.mean[i]! - into.mean[i]!;
    into.squares[i]! += chunk.squares[i]! + (delta * delta * into.count * chunk.count) / count;
    into.mean[i]! += (delta * chunk.count) / count;
  }
  into.count = count;
}

export function addMoments(into: Moments, chunk: MomentsChunk): void {
  mergeCentred(into, chunk);
  for (let row = 0; row < chunk.count; row++) into.normSum += chunk.norms[row]!;
}
