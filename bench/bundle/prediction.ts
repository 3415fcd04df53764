// How long a TopK step takes by the cost model of docs/design/kernels.md, section 2, on a machine with given limits.
import type { Work } from '../../src/core/train/stepProfile';
import type { Shape } from '../step/trainingCase';

/** ms. roof: what takes longer of operations and bytes, a quarter of the gathers missing the caches; good: their sum at 60 %
 *  and 70 % of the limits, half missing; first: at 35 % and 60 %, all missing. */
export function predictedMs([B, d, n, k]: Shape, limits: Work) {
  const flop = 2 * B * d * n + 8 * B * k * d;
  const bytes = (missing: number) =>
    4.6 * B * n + 48 * n * d + 16 * B * k * d * missing + 24 * B * d;
  const sum = (ofFlop: number, ofBytes: number, missing: number) =>
    1000 * (flop / (ofFlop * limits.flop) + bytes(missing) / (ofBytes * limits.bytes));
  return {
    roof: 1000 * Math.max(flop / limits.flop, bytes(0.25) / limits.bytes),
    good: sum(0.6, 0.7, 0.5),
    first: sum(0.35, 0.6, 1),
  };
}
