import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bf16ToF32, f16ToF32, f32ToF16, roundToBf16 } from '../../../../src/core/numeric/float16';

const ALL = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
/** The value of a binary16 pattern by the definition of IEEE 754, in f64. */
function definition(half: number): number {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
const POSITIVE = Array.from({ length: 0x7c00 }, (_, half) => definition(half));
const toF16 = (value: number) => f32ToF16(Float32Array.of(value))[0]!;

/** The nearest finite pattern by search, ties to the even one; from 65,520 on infinity. */
function nearest(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (magnitude >= 65_520) return sign | 0x7c00;
  let low = 0;
  let high = POSITIVE.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (POSITIVE[middle]! <= magnitude) low = middle;
    else high = middle - 1;
  }
  const below = magnitude - POSITIVE[low]!;
  const above = (POSITIVE[low + 1] ?? 65_536) - magnitude;
  return sign | (above < below || (above === below && low % 2 === 1) ? low + 1 : low);
}

describe('f16ToF32', () => {
  it('gives all 65,536 values of the definition', () => {
    const values = f16ToF32(ALL);
    expect(values.findIndex((value, half) => !Object.is(value, definition(half)))).toBe(-1);
  });
});

describe('bf16ToF32', () => {
  it('is the upper half of an f32', () => {
    const bits = Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001, 0x8000, 0x7fc0);
    expect([...bf16ToF32(bits)]).toEqual([1, -3.140625, Infinity, 2 ** -133, -0, NaN]);
  });
});

describe('roundToBf16', () => {
  it('goes to the nearest, ties to even, and leaves what bfloat16 has', () => {
    const step = 2 ** -7;
    const rounded = (x: number) => roundToBf16(Float32Array.of(7, x).subarray(1))[0];
    expect([1 + step / 2, 1 + 1.5 * step, 1 + 0.501 * step, 1 + 0.499 * step].map(rounded)).toEqual(
      [1, 1 + 2 * step, 1 + step, 1],
    );
    expect([-1 - 0.501 * step, -0, 0, 2 - step / 2].map(rounded)).toEqual([-1 - step, -0, 0, 2]);
    const finite = bf16ToF32(ALL).filter((value) => Number.isFinite(value));
    expect(roundToBf16(finite)).toEqual(finite);
  });
});

describe('f32ToF16', () => {
  it('brings every f16 back to itself', () => {
    const numbers = ALL.filter((half) => !Number.isNaN(definition(half)));
    expect(f32ToF16(f16ToF32(numbers))).toEqual(numbers);
  });

  it('keeps NaN and infinity', () => {
    expect([toF16(NaN) & 0x7fff, toF16(Infinity), toF16(-Infinity)]).toEqual([
      0x7e00, 0x7c00, 0xfc00,
    ]);
  });

  it('rounds to the nearest, ties to even, at every boundary', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (POSITIVE[half]! + POSITIVE[half + 1]!) / 2;
      expect(toF16(middle)).toBe(half % 2 === 0 ? half : half + 1);
    }
    expect([65_519.99, 65_520, 65_536, 1e38].map(toF16)).toEqual([0x7bff, 0x7c00, 0x7c00, 0x7c00]);
    expect([2 ** -25, -(2 ** -25), 2 ** -25 * 1.0001, -0].map(toF16)).toEqual([
      0, 0x8000, 1, 0x8000,
    ]);
  });

  it('agrees with a search for the nearest value on any f32', () => {
    const bits = fc.integer({ min: 0, max: 0xffffffff });
    const ordinary = fc.float({ min: -70_000, max: 70_000, noNaN: true });
    const any = fc.oneof(
      bits
        .map((b) => new Float32Array(Uint32Array.of(b).buffer)[0]!)
        .filter((v) => !Number.isNaN(v)),
      ordinary,
      ordinary.map((v) => Math.fround(v * 2 ** -29)),
    );
    fc.assert(
      fc.property(any, (value) => toF16(value) === nearest(value)),
      { numRuns: 3000, seed: 5 },
    );
  });
});
