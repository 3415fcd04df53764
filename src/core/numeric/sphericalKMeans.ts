// Groups rows by direction: k-means on the unit sphere, where a row's nearest centre is the one of highest
// cosine and a centre is the direction of its members' sum. In steps, so that a long one can pause and be
// cancelled. Ours, because ml-kmeans (7.0.1) draws its initial centres in one call: 5 s without a pause for
// 16,384 rows of 256. Sources: Dhillon and Modha 2001; k-means++, Arthur and Vassilvitskii 2007.
import { nearestRows, unitRows } from './nearestRows';
import type { Rng } from './rng';

export type SphericalKMeans = {
  /** unit rows, or zero, [n, d] */
  rows: Float32Array;
  n: number;
  d: number;
  /** unit, [k, d] */
  centres: Float32Array;
  /** [n]; NO_CLUSTER: not assigned yet, or a zero row, which has no direction */
  clusterOf: Uint8Array<ArrayBuffer>;
  /** 1 − cosine with the nearest centre so far; 0 for a zero row, [n] */
  far: Float64Array;
};

export const NO_CLUSTER = 255;

/** Rows in f32 that are closer than this count as equal. */
const SAME = 1e-6;
/** 1 − cosine of opposites */
const OPPOSITE = 2;

export function startKMeans(rows: Float32Array, n: number, d: number): SphericalKMeans {
  const far = Float64Array.from({ length: n }, (_, row) => (isZero(rows, row, d) ? 0 : OPPOSITE));
  const clusterOf = new Uint8Array(n).fill(NO_CLUSTER);
  return { rows, n, d, centres: new Float32Array(0), clusterOf, far };
}

/** k-means++: adds a centre, a row drawn in proportion to its distance from the existing ones. One pass.
 *  False if every row is already a centre. */
export function addCentre(state: SphericalKMeans, rng: Rng): boolean {
  const { rows, n, d, far, centres } = state;
  const drawn = drawRow(far, rng);
  if (drawn === null) return false;
  const centre = rows.slice(drawn * d, (drawn + 1) * d);
  const query = { queries: rows, among: centre, n: 1, d, k: 1, skipSelf: false };
  const { cosines } = nearestRows(query, 0, n);
  for (let row = 0; row < n; row++) {
    const distance = 1 - cosines[row]!;
    far[row] = distance < SAME ? 0 : Math.min(far[row]!, distance);
  }
  state.centres = new Float32Array([...centres, ...centre]);
  return true;
}

/** Assigns rows first … first+count−1 to their nearest centres, ties to the lower; returns how many
 *  changed. */
export function assignRows(state: SphericalKMeans, first: number, count: number): number {
  const { rows, d, centres, clusterOf } = state;
  const query = { queries: rows, among: centres, n: centres.length / d, d, k: 1, skipSelf: false };
  const { indices } = nearestRows(query, first, count);
  let moved = 0;
  for (let i = 0; i < count; i++) {
    const row = first + i;
    const nearest = isZero(rows, row, d) ? NO_CLUSTER : indices[i]!;
    if (nearest !== clusterOf[row]) moved++;
    clusterOf[row] = nearest;
  }
  return moved;
}

/** Each centre becomes the direction of its members' sum; one without members is kept. */
export function moveCentres(state: SphericalKMeans): void {
  const { rows, n, d, centres, clusterOf } = state;
  const sums = new Float32Array(centres.length);
  for (let row = 0; row < n; row++) {
    const cluster = clusterOf[row]!;
    if (cluster === NO_CLUSTER) continue;
    for (let i = 0; i < d; i++) sums[cluster * d + i]! += rows[row * d + i]!;
  }
  const k = centres.length / d;
  const moved = unitRows(sums, k, d);
  for (let cluster = 0; cluster < k; cluster++) {
    if (!isZero(moved, cluster, d)) {
      centres.set(moved.subarray(cluster * d, (cluster + 1) * d), cluster * d);
    }
  }
}

/** The same clusters numbered by size, the largest 1; ties by first member. 0: no cluster. [n] */
export function bySize({ clusterOf, centres, d }: SphericalKMeans): Uint8Array<ArrayBuffer> {
  const sizes = new Array<number>(centres.length / d).fill(0);
  for (const cluster of clusterOf) if (cluster !== NO_CLUSTER) sizes[cluster]!++;
  const order = [...sizes.keys()].sort(
    (a, b) => sizes[b]! - sizes[a]! || clusterOf.indexOf(a) - clusterOf.indexOf(b),
  );
  return clusterOf.map((cluster) => order.indexOf(cluster) + 1);
}

function drawRow(weights: Float64Array, rng: Rng): number | null {
  let left = rng.next() * weights.reduce((sum, weight) => sum + weight, 0);
  let last: number | null = null;
  for (const [row, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = row;
    left -= weight;
    if (left <= 0) break;
  }
  return last;
}

function isZero(rows: Float32Array, row: number, d: number): boolean {
  return rows.subarray(row * d, (row + 1) * d).every((value) => value === 0);
}
