// Whether an SAE's parameters have the lengths that its widths ask for.
import { ShapeError } from '../errors';
import type { SaeParams } from './sae';

/** Throws ShapeError naming the parameter whose length does not fit d_in and d_sae. */
export function checkLengths(p: SaeParams): void {
  const expected: [name: string, values: Float32Array, length: number][] = [
    ['W_enc', p.W_enc, p.d_in * p.d_sae],
    ['b_enc', p.b_enc, p.d_sae],
    ['b_dec', p.b_dec, p.d_in],
  ];
  if (p.architecture === 'topk' && p.actScale !== undefined) {
    expected.push(['actScale', p.actScale, p.d_sae]);
  }
  if (p.architecture === 'jumprelu') expected.push(['threshold', p.threshold, p.d_sae]);
  if (p.architecture === 'gated') {
    for (const name of ['b_gate', 'b_mag', 'r_mag'] as const) {
      expected.push([name, p[name], p.d_sae]);
    }
  }
  for (const [name, values, length] of expected) {
    if (values.length !== length) {
      throw new ShapeError(
        `${name}: ${values.length} values, expected ${length} for d_in ${p.d_in}, d_sae ${p.d_sae}`,
      );
    }
  }
}
