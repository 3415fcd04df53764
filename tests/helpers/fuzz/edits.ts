// Blind edits of a file: bytes flipped, ranges cut, doubled, swapped or spliced in from another file, and
// the numbers that readers stumble over written anywhere. Knows no format.
import fc from 'fast-check';

/** Lengths, counts and offsets at the edges of their types, little- and big-endian, and varints. */
const HOSTILE_BYTES: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff],
  [0xfe, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x7f, 0xff, 0xff, 0xff],
  [0x00, 0x00, 0x00, 0x80],
  [0x00, 0x00, 0x00, 0x10],
  [0, 0, 0, 0, 0, 0, 0x20, 0x00], // 2^53
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff],
  [0x00, 0x00, 0xc0, 0x7f], // NaN in f32
  [0x00, 0x00, 0x80, 0x7f], // infinity in f32
  [0xff, 0xff, 0xff, 0xff, 0x07], // 2^31 − 1 as a varint
  [0xff, 0xff, 0xff, 0xff, 0x0f], // 2^32 − 1 as a varint
  [0xfe, 0xff, 0xff, 0xff, 0x0f], // an even 2^32 − 2: a run in Parquet's RLE
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x1c, 0x1c, 0x1c, 0x1c], // thrift: structs in structs
  [0x19, 0xfc, 0xff, 0xff, 0xff, 0x7f], // thrift: a list of very many structs
];

const edit = fc.record({
  kind: fc.constantFrom(
    ...(['set', 'set', 'flip', 'flip', 'write', 'write', 'insert', 'add'] as const),
    ...(['cut', 'double', 'swap', 'splice', 'zero', 'truncate'] as const),
  ),
  /** where, as a fraction; `late` ones fall into the last fifth, where footers are */
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  late: fc.boolean(),
  from: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.nat(64),
  value: fc.oneof(
    fc.constantFrom(0, 1, 0x15, 0x1c, 0x28, 0x2e, 0x52, 0x7f, 0x80, 0xff),
    fc.nat(255),
  ),
  hostile: fc.constantFrom(...HOSTILE_BYTES),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** A file made of one of `originals` by one to five edits; the others are what is spliced in. */
export function editedBytes(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.nat(originals.length - 1),
      fc.nat(originals.length - 1),
      fc.array(edit, { minLength: 1, maxLength: 5 }),
    )
    .map(([which, other, edits]) => {
      let bytes = originals[which]!;
      for (const one of edits) bytes = apply(bytes, one, originals[other]!);
      return bytes;
    });
}

function apply(bytes: Uint8Array, e: Edit, other: Uint8Array): Uint8Array {
  const at = Math.floor((e.late ? 0.8 + e.at / 5 : e.at) * bytes.length);
  const length = Math.min(e.length, bytes.length - at);
  const from = Math.floor(e.from * other.length);
  switch (e.kind) {
    case 'set':
      return written(bytes, at, [e.value]);
    case 'flip':
      return written(bytes, at, [(bytes[at] ?? 0) ^ (1 << (e.value & 7))]);
    case 'add':
      return written(bytes, at, [(bytes[at] ?? 0) + (e.value % 7) - 3]);
    case 'write':
      return written(bytes, at, e.hostile);
    case 'zero':
      return written(bytes, at, new Uint8Array(length));
    case 'insert':
      return spliced(bytes, at, 0, e.hostile);
    case 'cut':
      return spliced(bytes, at, length, []);
    case 'double':
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 'splice':
      return spliced(bytes, at, length, other.subarray(from, from + e.length));
    case 'swap':
      return swapped(bytes, at, Math.floor(e.from * bytes.length), e.length);
    case 'truncate':
      return bytes.slice(0, at);
  }
}

function written(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array {
  const out = bytes.slice();
  for (let i = 0; i < values.length && at + i < out.length; i++) out[at + i] = values[i]!;
  return out;
}

function spliced(
  bytes: Uint8Array,
  at: number,
  cut: number,
  values: ArrayLike<number>,
): Uint8Array {
  const out = new Uint8Array(bytes.length - cut + values.length);
  out.set(bytes.subarray(0, at));
  out.set(values, at);
  out.set(bytes.subarray(at + cut), at + values.length);
  return out;
}

function swapped(bytes: Uint8Array, a: number, b: number, length: number): Uint8Array {
  const [low, high] = a < b ? [a, b] : [b, a];
  const width = Math.min(length, high - low, bytes.length - high);
  const out = bytes.slice();
  out.set(bytes.subarray(high, high + width), low);
  out.set(bytes.subarray(low, low + width), high);
  return out;
}
