// Block-wise symmetric quantisation of weights to 8 or 4 bits, in the layout of ONNX Runtime's MatMulNBits
// and GatherBlockQuantized: unsigned codes around 2^(bits−1), 4-bit ones in pairs, low half first.
// Twin: reference/quantise.ts.
import { ShapeError } from '../errors';
import { QUANT_BLOCK } from './weightPrecision';

export type QuantisedWeights = {
  /** one code a byte (8 bits) or two (4 bits) */
  codes: Uint8Array;
  /** one per QUANT_BLOCK values: value ≈ (code − 2^(bits−1)) · scale */
  scales: Float32Array;
};

/** The value of largest magnitude in a block becomes exactly code 0: of the 2^bits codes the negative side
 *  has one more, and the scale's sign is chosen to use it. Errors are at most |scale| / 2, except |scale| at
 *  the code that would be 2^bits. Throws ShapeError unless the values are whole blocks. */
export function quantise(values: Float32Array, bits: 4 | 8): QuantisedWeights {
  if (values.length % QUANT_BLOCK !== 0) {
    throw new ShapeError(`${values.length} values are no whole blocks of ${QUANT_BLOCK}`);
  }
  const zero = 2 ** (bits - 1);
  const top = 2 * zero - 1;
  const codes = new Uint8Array((values.length * bits) / 8);
  const scales = new Float32Array(values.length / QUANT_BLOCK);
  for (let block = 0; block < scales.length; block++) {
    const start = block * QUANT_BLOCK;
    let extreme = 0;
    for (let i = start; i < start + QUANT_BLOCK; i++) {
      if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
    }
    const scale = extreme === 0 ? 0 : Math.fround(-extreme / zero);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + QUANT_BLOCK; i++) {
      const code = Math.max(0, Math.min(top, Math.floor(values[i]! * inverse + zero + 0.5)));
      if (bits === 8) codes[i] = code;
      else codes[i >> 1]! |= (i & 1) === 0 ? code : code << 4;
    }
  }
  return { codes, scales };
}
