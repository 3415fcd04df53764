// From logits to the next token. Pure: the noise is a function of (seed, step, token), so lanes whose logits
// are equal choose equal tokens, and a run can be repeated (interface.md 4, "Shared noise").
import { ConfigError } from '../errors';
import { hash32 } from '../numeric/rng';
import { largestOf, logSumExp } from '../numeric/softmax';

export type SamplingRule = {
  /** 0 takes the most likely token */
  temperature: number;
  /** choose among this many most likely tokens; null, or more than the vocabulary: all */
  topK: number | null;
  seed: number;
};

/** Natural log of the token's probability at temperature 1. */
export function logProbability(logits: Float32Array, tokenId: number): number {
  return logits[tokenId]! - logSumExp(logits);
}

/** logProbability of the token after each one of a text; null for the last. logits: [T, V]; tokenIds: [T]. */
export function nextLogProbs(logits: Float32Array, tokenIds: ArrayLike<number>): (number | null)[] {
  const width = logits.length / tokenIds.length;
  return Array.from(tokenIds, (_, t) =>
    t + 1 === tokenIds.length
      ? null
      : logProbability(logits.subarray(t * width, (t + 1) * width), tokenIds[t + 1]!),
  );
}

/** Standard Gumbel noise of token v at step t: −ln(−ln u), u in (0, 1) from a counter hash. */
export function gumbelNoise(seed: number, t: number, v: number): number {
  const u = (hash32(hash32(seed >>> 0, t >>> 0), v) + 0.5) / 4294967296;
  return -Math.log(-Math.log(u));
}

/** Ids of the k highest logits, highest first, ties to the lower id. k is cut to the vocabulary. */
export function topTokens(logits: Float32Array, k: number): Uint32Array {
  const size = Math.min(k, logits.length);
  // A sorted list of k beats sorting the vocabulary for the k in use (≤ 200 of ≤ 65,536).
  const ids = new Uint32Array(size);
  let filled = 0;
  for (let v = 0; v < logits.length; v++) {
    const z = logits[v]!;
    if (filled === size && z <= logits[ids[size - 1]!]!) continue;
    let place = filled < size ? filled++ : size - 1;
    for (; place > 0 && logits[ids[place - 1]!]! < z; place--) ids[place] = ids[place - 1]!;
    ids[place] = v;
  }
  return ids;
}

/** The token of step t: argmax over the top-k set of logit / T + gumbelNoise(seed, t, v), which draws from
 *  softmax(logits / T) restricted to that set; T = 0: argmax of the logits. Ties to the lower id.
 *  Throws ConfigError unless temperature ≥ 0 and topK is null or a whole number ≥ 1. */
export function sampleToken(logits: Float32Array, rule: SamplingRule, t: number): number {
  const { temperature, topK, seed } = rule;
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new ConfigError(`temperature must be a number from 0: ${temperature}`, 'temperature');
  }
  if (topK !== null && (!Number.isInteger(topK) || topK < 1)) {
    throw new ConfigError(`topK must be a whole number from 1: ${topK}`, 'topK');
  }
  if (temperature === 0) return topTokens(logits, 1)[0]!;
  const candidates =
    topK === null || topK >= logits.length
      ? Uint32Array.from(logits.keys())
      : topTokens(logits, topK).sort();
  // Subtract the highest logit first: a tiny temperature must not make every score infinite.
  const highest = largestOf(logits);
  let best = candidates[0]!;
  let bestScore = -Infinity;
  for (const v of candidates) {
    const score = (logits[v]! - highest) / temperature + gumbelNoise(seed, t, v);
    if (score > bestScore) {
      bestScore = score;
      best = v;
    }
  }
  return best;
}
