// MCC (2411.13117): how well a dictionary's rows match known directions, one to one.
import { linearSumAssignment } from 'linear-sum-assignment';

/** Mean |cosine| over the best one-to-one matching of true directions to rows of W_dec, and the share of
 *  pairs above 0.9. directions: [features, d_in], W_dec: [latents ≥ features, d_in]. */
export function meanCorrelation(
  directions: ArrayLike<number>,
  W_dec: ArrayLike<number>,
  d_in: number,
): { mcc: number; above09: number } {
  const cosines = Array.from({ length: directions.length / d_in }, (_, j) =>
    Array.from({ length: W_dec.length / d_in }, (_, i) =>
      Math.abs(cosine(directions, j * d_in, W_dec, i * d_in, d_in)),
    ),
  );
  const { rowAssignments } = linearSumAssignment(cosines, { maximaze: true });
  const matched = cosines.map((row, j) => row[rowAssignments[j]!]!);
  return {
    mcc: matched.reduce((sum, value) => sum + value, 0) / matched.length,
    above09: matched.filter((value) => value > 0.9).length / matched.length,
  };
}

function cosine(
  p: ArrayLike<number>,
  pAt: number,
  q: ArrayLike<number>,
  qAt: number,
  length: number,
): number {
  let [dot, pp, qq] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    dot += p[pAt + i]! * q[qAt + i]!;
    pp += p[pAt + i]! ** 2;
    qq += q[qAt + i]! ** 2;
  }
  return dot / Math.sqrt(pp * qq);
}
