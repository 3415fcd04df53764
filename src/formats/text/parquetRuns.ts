// Walks Parquet's RLE and bit-packed runs without storing them, to check that they yield as many numbers as
// announced and no more. Format: apache/parquet-format, Encodings.md, "RLE / Bit-Packing Hybrid".

/** Ones among the `values` numbers of `width` bits at [at, end); counted for width 1 only, else 0.
 *  Throws Error for a run that yields too many numbers, or runs that end too early. */
export function checkRuns(
  bytes: Uint8Array,
  o: { offset: number; end: number; width: number; values: number },
): number {
  const { end, width, values } = o;
  let { offset: offset } = o;
  let seen = 0;
  let ones = 0;
  while (seen < values) {
    const { value: header, next } = runHeader(bytes, offset, end);
    offset = next;
    const isPacked = header % 2 === 1;
    const count = isPacked ? (header - 1) * 4 : header / 2;
    // A packed run is padded to a multiple of eight, and some writers pad it further.
    const wanted = Math.min(count, values - seen);
    if (!isPacked && count > wanted) {
      throw new Error(`a run of ${count} values where ${values - seen} are left`);
    }
    const size = isPacked ? Math.ceil((wanted * width) / 8) : Math.ceil(width / 8);
    if (offset + size > end) throw new Error(`runs that end after ${seen} of ${values} values`);
    if (width === 1)
      ones += isPacked ? onesIn(bytes, offset, wanted) : count * (bytes[offset]! & 1);
    seen += wanted;
    offset += isPacked ? (count / 8) * width : size;
  }
  return ones;
}

function runHeader(bytes: Uint8Array, start: number, end: number) {
  let value = 0;
  for (let i = 0; i < 5 && start + i < end; i++) {
    const byte = bytes[start + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    // 32 bits, because the decoder reads so many.
    if (byte < 0x80 && value < 2 ** 32) return { value, next: start + i + 1 };
  }
  throw new Error(`a run without its length at byte ${start}`);
}

function onesIn(bytes: Uint8Array, offset: number, bits: number): number {
  let ones = 0;
  for (let i = 0; i < bits; i++) ones += (bytes[offset + (i >> 3)]! >> (i & 7)) & 1;
  return ones;
}
