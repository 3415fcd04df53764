// From logits to probabilities, in f64, off the highest logit so that nothing overflows.

/** ln Σ exp(logits). */
export function logSumExp(logits: Float32Array): number {
  const highest = largestOf(logits);
  let sum = 0;
  for (const z of logits) sum += Math.exp(z - highest);
  return highest + Math.log(sum);
}

/** Probabilities at temperature 1, summing to 1. */
export function softmax(logits: Float32Array | Float64Array): Float64Array {
  const shares = new Float64Array(logits.length);
  softmaxInto(logits, shares);
  return shares;
}

/** softmax into `shares`, which is as long; returns ln Σ exp(logits), which it knows by then. */
export function softmaxInto(logits: Float32Array | Float64Array, shares: Float64Array): number {
  const highest = largestOf(logits);
  let sum = 0;
  for (let v = 0; v < logits.length; v++) {
    const share = Math.exp(logits[v]! - highest);
    shares[v] = share;
    sum += share;
  }
  for (let v = 0; v < logits.length; v++) shares[v]! /= sum;
  return highest + Math.log(sum);
}

/** −Infinity of none. */
export function largestOf(values: Float32Array | Float64Array): number {
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}
