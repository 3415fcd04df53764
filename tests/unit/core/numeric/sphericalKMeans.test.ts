// Clusters of directions, against all partitions of a small case and against plain cosines.
import { describe, expect, it } from 'vitest';
import { clusterCount } from '../../../../src/core/explore/latentClusters';
import { unitRows } from '../../../../src/core/numeric/nearestRows';
import { makeRng } from '../../../../src/core/numeric/rng';
import {
  NO_CLUSTER,
  addCentre,
  assignRows,
  bySize,
  moveCentres,
  startKMeans,
  type SphericalKMeans,
} from '../../../../src/core/numeric/sphericalKMeans';

function clustered(rows: Float32Array, n: number, d: number, k: number, seed = 1) {
  const state = startKMeans(unitRows(rows, n, d), n, d);
  const rng = makeRng(seed);
  for (let i = 0; i < k && addCentre(state, rng); i++);
  for (let pass = 0; pass < 100 && assignRows(state, 0, n) > 0; pass++) moveCentres(state);
  return state;
}

function normals(n: number, d: number, seed: number): Float32Array {
  const rng = makeRng(seed);
  return Float32Array.from({ length: n * d }, () => rng.normal());
}

/** What spherical k-means makes large: the sum of cosines with own centres = the lengths of the members' sums. */
function cohesion(rows: Float32Array, d: number, k: number, clusterOf: ArrayLike<number>): number {
  const sums = new Float64Array(k * d);
  for (let i = 0; i < rows.length; i++) {
    sums[clusterOf[Math.floor(i / d)]! * d + (i % d)]! += rows[i]!;
  }
  let total = 0;
  for (let c = 0; c < k; c++) total += Math.hypot(...sums.subarray(c * d, (c + 1) * d));
  return total;
}

function bestOfAll(rows: Float32Array, n: number, d: number, k: number): number {
  let best = 0;
  for (let code = 0; code < k ** n; code++) {
    const clusterOf = Array.from({ length: n }, (_, i) => Math.floor(code / k ** i) % k);
    best = Math.max(best, cohesion(rows, d, k, clusterOf));
  }
  return best;
}

describe('spherical k-means', () => {
  it('finds the best of all partitions of a small case, from one start of ten', () => {
    const [n, d, k] = [8, 3, 3];
    const rows = unitRows(normals(n, d, 5), n, d);
    const found = Array.from({ length: 10 }, (_, seed) =>
      cohesion(rows, d, k, clustered(rows, n, d, k, seed).clusterOf),
    );
    const best = bestOfAll(rows, n, d, k);
    expect(Math.max(...found)).toBeCloseTo(best, 5);
    // Every start ends near it: k-means++ draws no centre beside another.
    expect(Math.min(...found)).toBeGreaterThan(0.85 * best);
  });

  it('ends with every row in the cluster whose mean direction is nearest', () => {
    const [n, d, k] = [97, 7, 5];
    const raw = normals(n, d, 2);
    const { clusterOf } = clustered(raw, n, d, k);
    const means = Array.from({ length: k }, () => new Array<number>(d).fill(0));
    const row = (i: number) => {
      const own = [...raw.subarray(i * d, (i + 1) * d)];
      return own.map((value) => value / Math.hypot(...own));
    };
    for (let i = 0; i < n; i++) {
      for (const [j, value] of row(i).entries()) means[clusterOf[i]!]![j]! += value;
    }
    for (let i = 0; i < n; i++) {
      const cosines = means.map(
        (mean) => mean.reduce((sum, value, j) => sum + value * row(i)[j]!, 0) / Math.hypot(...mean),
      );
      expect(cosines[clusterOf[i]!]).toBeCloseTo(Math.max(...cosines), 6);
    }
  });

  it('looks at directions, not lengths, and is the same for the same seed', () => {
    const raw = normals(60, 5, 3);
    const longer = raw.map((value, i) => value * (1 + (Math.floor(i / 5) % 7)));
    expect(clustered(longer, 60, 5, 4).clusterOf).toEqual(clustered(raw, 60, 5, 4).clusterOf);
  });

  it('leaves rows without a direction out, and makes no more clusters than there are directions', () => {
    // Two directions, each twice; two zero rows.
    const rows = Float32Array.of(1, 0, 2, 0, 0, 0, 0, 3, 0, 1, 0, 0);
    const state = clustered(rows, 6, 2, 4);
    expect(state.centres).toHaveLength(4);
    const [a, b] = [state.clusterOf[0], state.clusterOf[3]];
    expect(a).not.toBe(b);
    expect([...state.clusterOf]).toEqual([a, a, NO_CLUSTER, b, b, NO_CLUSTER]);
    expect(clustered(new Float32Array(4), 2, 2, 1).centres).toHaveLength(0);
  });

  it('assigns a stretch at a time as it does at once', () => {
    const [n, d] = [50, 4];
    const whole = clustered(normals(n, d, 8), n, d, 3);
    const parts: SphericalKMeans = { ...whole, clusterOf: new Uint8Array(n).fill(NO_CLUSTER) };
    let moved = 0;
    for (let first = 0; first < n; first += 7) {
      moved += assignRows(parts, first, Math.min(7, n - first));
    }
    expect(moved).toBe(n);
    expect(parts.clusterOf).toEqual(whole.clusterOf);
  });

  it('numbers clusters by size, equals by their first member', () => {
    const state = { ...startKMeans(new Float32Array(8), 8, 1), centres: new Float32Array(3) };
    const clusterOf = Uint8Array.of(2, 0, 1, 1, 1, 0, 2, NO_CLUSTER);
    expect([...bySize({ ...state, clusterOf })]).toEqual([2, 3, 1, 1, 1, 3, 2, 0]);
  });
});

it('makes as many clusters as the root of half the features, ten at most', () => {
  expect([1, 20, 128, 199, 16_384].map(clusterCount)).toEqual([1, 4, 8, 10, 10]);
});
