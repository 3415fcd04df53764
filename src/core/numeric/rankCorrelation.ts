// Spearman's rank correlation.
import { invariant } from '../errors';

/** ρ between −1 and 1, ties at their mean rank; null for fewer than three pairs, or where one side never changes. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  invariant(a.length === b.length, `pairs of ${a.length} and ${b.length} values`);
  if (a.length < 3) return null;
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  let [both, ofX, ofY] = [0, 0, 0];
  x.forEach((rank, i) => {
    both += (rank - mean) * (y[i]! - mean);
    ofX += (rank - mean) ** 2;
    ofY += (y[i]! - mean) ** 2;
  });
  return ofX === 0 || ofY === 0 ? null : both / Math.sqrt(ofX * ofY);
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const found = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let end = first;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) found[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return found;
}
