// The point with the least mean distance to some rows, by Weiszfeld's rule: an initial b_dec that a few
// outlying tokens cannot shift (sae.md §2; OpenAI, dictionary_learning). Pure, in f64.

const LEAST_DISTANCE = 1e-8;
const TOLERANCE = 1e-5;
const MAX_ROUNDS = 100;

/** Yields one estimate, [d], after another, starting at the mean, until it moves by less than 1e-5 or
 *  after 100: the last is the median. Each costs one pass over `rows` [n, d], n ≥ 1; the caller may do
 *  other work in between. */
export function* weiszfeld(rows: Float32Array | Float64Array, d: number): Generator<Float64Array> {
  let median = weightedMean(rows, d, () => 1);
  yield median;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const from = median;
    median = weightedMean(
      rows,
      d,
      (row) => 1 / Math.max(distance(rows, row, from), LEAST_DISTANCE),
    );
    yield median;
    if (distance(median, 0, from) < TOLERANCE) return;
  }
}

function weightedMean(
  rows: Float32Array | Float64Array,
  d: number,
  weightOf: (row: number) => number,
): Float64Array {
  const mean = new Float64Array(d);
  let total = 0;
  for (let row = 0; row < rows.length / d; row++) {
    const weight = weightOf(row);
    total += weight;
    for (let i = 0; i < d; i++) mean[i]! += weight * rows[row * d + i]!;
  }
  return mean.map((sum) => sum / total);
}

function distance(rows: Float32Array | Float64Array, row: number, to: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < to.length; i++) squares += (rows[row * to.length + i]! - to[i]!) ** 2;
  return Math.sqrt(squares);
}
