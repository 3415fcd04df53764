// PCA and exact neighbours against what can be known by hand.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { nearestRows, unitRows } from '../../../../src/core/numeric/nearestRows';
import { fitPlaces, placesOf, startPca, stepPca } from '../../../../src/core/numeric/pca';
import { makeRng } from '../../../../src/core/numeric/rng';

function converge(rows: Float32Array, n: number, d: number) {
  const state = startPca(rows, n, d);
  for (let step = 0; step < 60 && stepPca(state) > 1e-9; step++);
  return state;
}

describe('PCA', () => {
  it('finds the leading eigenvectors of the covariance, as a full decomposition does', () => {
    const [n, d] = [300, 13];
    const rng = makeRng(5);
    const rows = Float32Array.from({ length: n * d }, (_, i) => 3 + rng.normal() * (1 + (i % d)));
    const state = converge(rows, n, d);
    const x = new Matrix(n, d);
    for (let i = 0; i < n * d; i++) x.set(Math.floor(i / d), i % d, rows[i]!);
    x.center('column');
    const full = new EigenvalueDecomposition(x.transpose().mmul(x).div(n), {
      assumeSymmetric: true,
    });
    const values = [...full.realEigenvalues].sort((a, b) => b - a);
    expect(state.variances[0]! / values[0]!).toBeCloseTo(1, 6);
    expect(state.variances[1]! / values[1]!).toBeCloseTo(1, 6);
    const places = placesOf(state);
    const varianceOf = (axis: number) => {
      let sum = 0;
      for (let row = 0; row < n; row++) sum += places[2 * row + axis]! ** 2;
      return sum / n;
    };
    expect(varianceOf(0) / values[0]!).toBeCloseTo(1, 5);
    expect(varianceOf(1) / values[1]!).toBeCloseTo(1, 5);
  });

  it('gives the same places again, with a sign that the data decide', () => {
    // All variation lies along (−1, 2): its largest entry is the second, so that one is positive.
    const rows = Float32Array.from([0, 0, -1, 2, -2, 4, -3, 6]);
    const first = placesOf(converge(rows, 4, 2));
    expect([...placesOf(converge(rows, 4, 2))]).toEqual([...first]);
    expect(first[0]!).toBeLessThan(first[6]!);
    expect(first[6]! - first[0]!).toBeCloseTo(3 * Math.sqrt(5), 4);
  });

  it('fits into the unit square and keeps proportions; equal rows lie in one place', () => {
    expect([...fitPlaces(Float32Array.of(-2, 1, 2, 2))]).toEqual([0, 0, 1, 0.25]);
    expect([...fitPlaces(Float32Array.of(3, 3, 3, 3))]).toEqual([0, 0, 0, 0]);
    expect([...placesOf(converge(new Float32Array(6).fill(1), 3, 2))]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('nearestRows', () => {
  it('is what sorting all cosines gives, ties to the lower index', () => {
    const [n, d, k] = [60, 7, 5];
    const rng = makeRng(9);
    const rows = Float32Array.from({ length: n * d }, () => rng.normal());
    rows.copyWithin(10 * d, 20 * d, 21 * d); // rows 10 and 20 are equal
    const among = unitRows(rows, n, d);
    const found = nearestRows({ queries: among, among, n, d, k, skipSelf: true }, 3, 30);
    for (let q = 0; q < 30; q++) {
      const cosineTo = (row: number) => {
        let sum = 0;
        for (let i = 0; i < d; i++) sum += among[(q + 3) * d + i]! * among[row * d + i]!;
        return sum;
      };
      const others = [...new Array(n).keys()].filter((row) => row !== q + 3);
      others.sort((a, b) => cosineTo(b) - cosineTo(a) || a - b);
      expect([...found.indices.subarray(q * k, (q + 1) * k)]).toEqual(others.slice(0, k));
      expect(found.cosines[q * k]!).toBeCloseTo(cosineTo(others[0]!), 5);
    }
  });

  it('has −1 where there are fewer others than asked for', () => {
    const among = unitRows(Float32Array.of(1, 0, 0, 1), 2, 2);
    const found = nearestRows({ queries: among, among, n: 2, d: 2, k: 3, skipSelf: true }, 0, 2);
    expect([...found.indices]).toEqual([1, -1, -1, 0, -1, -1]);
  });
});
