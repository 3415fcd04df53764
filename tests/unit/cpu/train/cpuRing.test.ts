// The processor's ring against the GPU ring's twin.
import { describe, expect, test } from 'vitest';
import type { Matrix } from '../../../../src/core/handles';
import {
  momentsReference,
  ringAppendReference,
} from '../../../../src/core/reference/activationRing';
import { gaussian } from '../../../helpers/cases';
import '../../../helpers/matchers';
import { CPU_BACKEND } from '../../../helpers/sae/saeBackends';

const SCALE = 0.37;
const everyRow = (rows: number) => Uint32Array.from({ length: rows }, (_, i) => i);

describe.each([1, 7, 64])('ring of width %i', (d) => {
  test('keeps appended rows in f16, and wraps', async () => {
    const data = gaussian(40 * d, 31);
    const x: Matrix = { where: 'cpu', rows: 40, cols: d, data };
    const ring = await CPU_BACKEND.createRing({ rows: 24, d });
    const expected = { rows: 24, d, values: new Float32Array(24 * d) };
    for (const firstRow of [0, 17]) {
      const rowIndices = Uint32Array.from({ length: 13 }, (_, i) => 3 * i + 1);
      await ring.append(x, rowIndices, SCALE, firstRow);
      ringAppendReference(expected, { source: data, rowIndices, scale: SCALE, firstRow });
    }
    expect(await ring.readRows(everyRow(24))).toEqual(expected.values);
  });

  test('calibration matches f64 moments over uneven parts', async () => {
    const ring = await CPU_BACKEND.createRing({ rows: 4, d });
    // A mean far from 0, where E[x²] − E[x]² would cancel.
    const data = gaussian(900 * d, 35).map((value, i) => value + 40 + (i % d));
    const x: Matrix = { where: 'cpu', rows: 900, cols: d, data };
    const all = Uint32Array.from({ length: 599 }, (_, i) => i + 1 + Math.floor(i / 2));
    for (const [from, to] of [
      [0, 300],
      [300, 301],
      [301, 301],
      [301, 599],
    ]) {
      await ring.measure(x, all.subarray(from, to));
    }
    const calibration = await ring.finish();
    const exact = momentsReference(data, all, d);
    const inputScale =
      Math.sqrt(d) / (Array.from(exact.norms).reduce((sum, norm) => sum + norm) / 599);
    const squares = Array.from(exact.squares).reduce((sum, square) => sum + square);
    expect(calibration.tokens).toBe(599);
    expect(calibration.inputScale / inputScale).toBeCloseTo(1, 6);
    expect(calibration.variance / ((inputScale ** 2 * squares) / 599)).toBeCloseTo(1, 6);
    expect(calibration.mean).toBeAllclose(Array.from(exact.mean, (value) => inputScale * value));
  });
});

test('the ring clamps what f16 cannot hold and lets NaN through', async () => {
  const ring = await CPU_BACKEND.createRing({ rows: 1, d: 4 });
  const data = new Float32Array([1e6, -Infinity, 0.5, NaN]);
  await ring.append({ where: 'cpu', rows: 1, cols: 4, data }, everyRow(1), 1, 0);
  expect([...(await ring.readRows(everyRow(1)))]).toEqual([65504, -65504, 0.5, NaN]);
});

test('the ring refuses rows outside, another width, and more than it holds', async () => {
  const ring = await CPU_BACKEND.createRing({ rows: 2, d: 4 });
  const x: Matrix = { where: 'cpu', rows: 3, cols: 4, data: new Float32Array(12) };
  const append = (rows: number[], cols = 4) =>
    ring.append({ ...x, cols }, Uint32Array.from(rows), 1, 0);
  await expect(append([3])).rejects.toThrow(/row 3 is outside the 3 rows/);
  await expect(append([0], 5)).rejects.toThrow(/5 columns, expected d_in 4/);
  await expect(append([0, 1, 2])).rejects.toThrow(/ring of 2 rows/);
  await expect(ring.finish()).rejects.toThrow(/mean norm NaN over 0 tokens/);
});
