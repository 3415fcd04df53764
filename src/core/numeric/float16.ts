// Half-precision floats on typed arrays: IEEE binary16 and bfloat16 to f32 and back. Pure numbers; byte
// order and files are handled by `formats`.

/** bfloat16 bit patterns → f32: the upper half of an f32, so the conversion is exact. */
export function bf16ToF32(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** f32 → the nearest bfloat16 values, ties to even, as f32. Finite values only. */
export function roundToBf16(values: Float32Array): Float32Array {
  const bits = Uint32Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length));
  for (let i = 0; i < bits.length; i++) {
    const isOdd = (bits[i]! >>> 16) & 1;
    bits[i] = (bits[i]! + 0x7fff + isOdd) & 0xffff0000;
  }
  return new Float32Array(bits.buffer);
}

/** binary16 bit patterns → f32, exact, subnormals, infinities and NaN included. */
export function f16ToF32(bits: Uint16Array): Float32Array {
  const table = f16Table();
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]!]!;
  return new Float32Array(out.buffer);
}

/** f32 → binary16 bit patterns, round to nearest even; above 65,519.99 becomes infinity. */
export function f32ToF16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = roundToF16(bits[i]!);
  return out;
}

/** One f32 bit pattern → one binary16 bit pattern (IEEE 754-2019 §4.3.1, ties to even). */
function roundToF16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // NaN keeps a quiet bit, so that it cannot turn into infinity.
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | roundSubnormal(magnitude);
  // Exponent bias 127 → 15, mantissa 23 → 10 bits; a carry runs into the exponent, up to infinity.
  const rebased = magnitude - 0x38000000;
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}

/** Magnitudes below 2^-14, in units of 2^-24. */
function roundSubnormal(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

let memoTable: Uint32Array | null = null;

/** All 65,536 results as f32 bit patterns: a table of a quarter megabyte is faster than a branch per
 *  weight. */
function f16Table(): Uint32Array {
  memoTable ??= Uint32Array.from({ length: 0x10000 }, (_, half) => widen(half));
  return memoTable;
}

/** [65,536]: the value of each binary16 bit pattern, for code that widens a few at a time. */
export function f16Values(): Float32Array {
  return new Float32Array(f16Table().buffer);
}

function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  if (mantissa === 0) return sign >>> 0;
  // Subnormal: mantissa · 2^-24; its leading one becomes the implicit bit.
  const lead = 31 - Math.clz32(mantissa);
  return (sign | ((lead + 103) << 23) | ((mantissa << (23 - lead)) & 0x7fffff)) >>> 0;
}

/** Largest finite binary16. */
export const MAX_F16 = 65_504;
