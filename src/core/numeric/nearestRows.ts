// Exact nearest rows by cosine, some queries at a time, so that a long search can pause and be cancelled.

/** Rows scaled to unit length, [n, d]; a zero row stays zero. */
export function unitRows(rows: Float32Array, n: number, d: number): Float32Array {
  const unit = new Float32Array(n * d);
  for (let row = 0; row < n; row++) {
    let squares = 0;
    for (let i = 0; i < d; i++) squares += rows[row * d + i]! ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < d; i++) unit[row * d + i] = rows[row * d + i]! * scale;
  }
  return unit;
}

/** [count, k] each, best first, ties to the lower index; index −1 if there are fewer than k others. */
export type Nearest = { indices: Int32Array; cosines: Float32Array };

export type NearestQuery = {
  /** unit rows to look for, [*, d] */
  queries: Float32Array;
  /** unit rows to look among, [n, d] */
  among: Float32Array;
  n: number;
  d: number;
  k: number;
  /** skip the row with the query's own index, because queries and rows are the same */
  skipSelf: boolean;
};

/** The k nearest of queries first … first+count−1. */
export function nearestRows(o: NearestQuery, first: number, count: number): Nearest {
  const { queries, among, n, d, k, skipSelf } = o;
  const indices = new Int32Array(count * k).fill(-1);
  const cosines = new Float32Array(count * k).fill(-Infinity);
  for (let q = 0; q < count; q++) {
    const from = (first + q) * d;
    const query = queries.subarray(from, from + d);
    const last = (q + 1) * k - 1;
    for (let row = 0; row < n; row++) {
      if (skipSelf && row === first + q) continue;
      const cosine = dot(query, among, row * d);
      if (cosine <= cosines[last]!) continue;
      // Insertion from the end: k is small and most rows fail the test above.
      let slot = last;
      while (slot > q * k && cosines[slot - 1]! < cosine) {
        cosines[slot] = cosines[slot - 1]!;
        indices[slot] = indices[slot - 1]!;
        slot--;
      }
      cosines[slot] = cosine;
      indices[slot] = row;
    }
  }
  return { indices, cosines };
}

/** query · rows[from …]; four partial sums, so that additions do not wait for each other. */
function dot(query: Float32Array, rows: Float32Array, from: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let e = 0;
  const { length } = query;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += query[i]! * rows[from + i]!;
    b += query[i + 1]! * rows[from + i + 1]!;
    c += query[i + 2]! * rows[from + i + 2]!;
    e += query[i + 3]! * rows[from + i + 3]!;
  }
  for (; i < length; i++) a += query[i]! * rows[from + i]!;
  return a + b + (c + e);
}
