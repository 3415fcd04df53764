// How much of what reaches the logits passes each node of an acyclic graph: p·(Ā + Ā² + …), Ā the absolute edges
// with rows that add up to 1. As circuit-tracer computes it (graph.py).

/** What influence is computed of: only targets have edges into them. */
export type EdgeRows = {
  /** node of each row, ascending; a node's sources that are targets themselves stand before it */
  targets: ArrayLike<number>;
  /** [targets, nodes] */
  edges: Float32Array;
};

/** |edges|, each row over its sum; a row of zeros stays. */
export function normaliseRows({ targets, edges }: EdgeRows): EdgeRows {
  const shares = edges.map(Math.abs);
  const size = edges.length / targets.length;
  for (let row = 0; row < targets.length; row++) {
    const own = shares.subarray(row * size, (row + 1) * size);
    const sum = own.reduce((total, value) => total + value, 0);
    if (sum > 0) for (let column = 0; column < size; column++) own[column]! /= sum;
  }
  return { targets, edges: shares };
}

/** Per node; the weights themselves, [nodes], are not in it. One pass: targets are in the order of the graph. */
export function influence(shares: EdgeRows, weights: Float64Array): Float64Array {
  const size = weights.length;
  const total = new Float64Array(size);
  for (let row = shares.targets.length - 1; row >= 0; row--) {
    const target = shares.targets[row]!;
    const weight = total[target]! + weights[target]!;
    if (weight === 0) continue;
    for (let source = 0; source < size; source++) {
      total[source]! += weight * shares.edges[row * size + source]!;
    }
  }
  return total;
}
