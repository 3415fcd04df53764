// What one step of a trainer leaves in Adam's first moments, against the float64 twin's gradients.
import { expect } from 'vitest';
import '../matchers';

type Named = Readonly<Record<'W_enc' | 'b_enc' | 'W_dec' | 'b_dec', Float64Array>>;
type Moments = Readonly<Record<keyof Named, { m: Float32Array }>>;

/** The first moment after one step is the gradient: (1 − β1)·g. Relative 1e-4, against a tensor's largest value where
 *  cancellation leaves little. */
export function expectGradients(adam: Moments, adamBeta1: number, expected: Named): void {
  for (const name of ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const) {
    const gradient = adam[name].m.map((m) => m / (1 - adamBeta1));
    const largest = Math.max(...expected[name].map(Math.abs));
    expect(gradient, name).toBeAllclose(expected[name], { rtol: 1e-4, atol: 1e-5 * largest });
  }
}
