// Twin of quantise.ts: one value at a time by search over every code, and back again.
import { QUANT_BLOCK } from '../model/weightPrecision';
import type { QuantisedWeights } from '../model/quantise';

/** The code whose value is nearest to `value` under the scale that maps `extreme` to code 0; ties to the
 *  one of higher code. */
export function nearestCodeReference(value: number, extreme: number, bits: 4 | 8): number {
  const zero = 2 ** (bits - 1);
  const scale = Math.fround(-extreme / zero);
  const errors = Array.from({ length: 2 * zero }, (_, code) =>
    Math.abs((code - zero) * scale - value),
  );
  return scale === 0 ? zero : errors.lastIndexOf(Math.min(...errors));
}

/** (code − 2^(bits−1)) · scale, row-major as quantised. */
export function dequantiseReference(w: QuantisedWeights, bits: 4 | 8): Float32Array {
  const zero = 2 ** (bits - 1);
  return Float32Array.from({ length: (w.codes.length * 8) / bits }, (_, i) => {
    const code = bits === 8 ? w.codes[i]! : (w.codes[i >> 1]! >> (4 * (i & 1))) & 15;
    return (code - zero) * w.scales[Math.floor(i / QUANT_BLOCK)]!;
  });
}
