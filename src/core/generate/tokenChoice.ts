// Facts about a chosen token from a row of logits, at temperature 1 over the whole vocabulary:
// log-probability, rank, entropy; and the KL divergence of two distributions. Sums in f64, natural logs.
import { largestOf } from '../numeric/softmax';
import { topTokens } from '../model/sampling';

/** A row of logits with its normaliser, computed once. */
export type Distribution = { logits: Float32Array; logSum: number; entropy: number };

export function readDistribution(logits: Float32Array): Distribution {
  const highest = largestOf(logits);
  let sum = 0;
  let weighted = 0;
  for (const z of logits) {
    const share = Math.exp(z - highest);
    sum += share;
    weighted += share * z;
  }
  const logSum = highest + Math.log(sum);
  // −Σ p·ln p = ln Z − Σ p·z
  return { logits, logSum, entropy: Math.max(0, logSum - weighted / sum) };
}

export function logProbOf({ logits, logSum }: Distribution, tokenId: number): number {
  return logits[tokenId]! - logSum;
}

/** 1 for the most likely; ties to the lower id. */
export function rankOf({ logits }: Distribution, tokenId: number): number {
  const own = logits[tokenId]!;
  let ahead = 0;
  for (let v = 0; v < logits.length; v++) {
    if (logits[v]! > own || (logits[v] === own && v < tokenId)) ahead++;
  }
  return ahead + 1;
}

/** The `count` most likely tokens, most likely first. */
export function likeliest(
  distribution: Distribution,
  count: number,
): { tokenId: number; logProb: number }[] {
  return Array.from(topTokens(distribution.logits, count), (tokenId) => ({
    tokenId,
    logProb: logProbOf(distribution, tokenId),
  }));
}

/** KL(p‖q) = Σ p·ln(p/q), nats; exactly 0 for equal logits, and rounding takes none below. */
export function klDivergence(p: Distribution, q: Distribution): number {
  let sum = 0;
  for (let v = 0; v < p.logits.length; v++) {
    const logP = p.logits[v]! - p.logSum;
    sum += Math.exp(logP) * (logP - (q.logits[v]! - q.logSum));
  }
  return Math.max(0, sum);
}
