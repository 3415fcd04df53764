import { describe, expect, it } from 'vitest';
import { cosine, dot, norm, unitVector } from '../../../../src/core/numeric/vectors';

describe('single vectors', () => {
  it('have their product, length and angle, by hand', () => {
    expect(dot([1, 2, 3], [4, -5, 6])).toBe(12);
    expect(norm([3, 4])).toBe(5);
    expect(cosine([3, 4], [4, 3])).toBeCloseTo(24 / 25, 12);
    expect(cosine([1, 0], [-2, 0])).toBe(-1);
  });

  it('sum in f64: a large f32 does not swallow a small one', () => {
    expect(dot(Float32Array.of(2 ** 25, 1), Float32Array.of(1, 1))).toBe(2 ** 25 + 1);
  });

  it('stay finite at zero', () => {
    expect(cosine([0, 0], [1, 2])).toBe(0);
    expect([...unitVector(Float32Array.of(0, 0))]).toEqual([0, 0]);
    expect([...unitVector(Float32Array.of(0, -2))]).toEqual([0, -1]);
    expect(dot([], [])).toBe(0);
  });
});
