// Numeric matchers. Import this file for its effect on `expect`.
import { expect } from 'vitest';

type Tolerance = { rtol?: number; atol?: number };

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- must repeat Vitest's own declaration
  interface Assertion<T = any> {
    /** |actual − expected| ≤ atol + rtol·|expected| everywhere; NaN matches nothing, ∞ itself.
     *  Defaults for f32: rtol 1e-5, atol 1e-6. */
    toBeAllclose: (expected: ArrayLike<number>, tolerance?: Tolerance) => T;
  }
}

expect.extend({
  toBeAllclose(
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    { rtol = 1e-5, atol = 1e-6 }: Tolerance = {},
  ) {
    if (actual.length !== expected.length) {
      return {
        pass: false,
        message: () => `lengths differ: ${actual.length}, expected ${expected.length}`,
      };
    }
    const bad: number[] = [];
    for (let i = 0; i < actual.length; i++) {
      const [a, e] = [actual[i]!, expected[i]!];
      if (!(a === e || Math.abs(a - e) <= atol + rtol * Math.abs(e))) bad.push(i);
    }
    const shown = bad
      .slice(0, 5)
      .map((i) => `[${i}] ${actual[i]!} expected ${expected[i]!}`)
      .join('\n');
    return {
      pass: bad.length === 0,
      message: () =>
        `${bad.length} of ${actual.length} beyond rtol ${rtol}, atol ${atol}:\n${shown}`,
    };
  },
});
