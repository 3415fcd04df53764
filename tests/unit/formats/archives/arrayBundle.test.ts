import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { formatArrayBundle, parseArrayBundle } from '../../../../src/formats/archives/arrayBundle';

const bundle = {
  facts: { step: 7, name: 'ä' },
  arrays: {
    bytes: Uint8Array.of(1, 2, 3),
    half: Uint16Array.of(65535),
    ids: Uint32Array.of(0xffffffff, 0),
    none: new Float32Array(0),
    values: Float32Array.of(-0, 1e-45, 3.5),
    sums: Float64Array.of(Math.PI),
  },
};

describe('array bundle', () => {
  it('gives back facts and arrays bit for bit', () => {
    const parsed = parseArrayBundle(formatArrayBundle(bundle), 'test');
    expect(parsed).toEqual(bundle);
    expect(Object.is(parsed.arrays['values']![0], -0)).toBe(true);
  });

  it('reads from the middle of a larger buffer', () => {
    const bytes = formatArrayBundle(bundle);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(parseArrayBundle(shifted.subarray(3), 'test')).toEqual(bundle);
  });

  it('refuses damaged bytes with a typed error, never another', () => {
    const good = formatArrayBundle(bundle);
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.nat(255),
        fc.nat(good.length),
        (at, value, length) => {
          const bad = good.slice();
          bad[at] = value;
          try {
            parseArrayBundle(bad.subarray(0, length), 'test');
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
    expect(() => parseArrayBundle(good.subarray(0, good.length - 1), 'test')).toThrow(
      'array "sums" ends past the file',
    );
  });

  it('refuses arrays that overlap, leave a gap or come twice', () => {
    const file = (entries: object[]) => {
      const header = new TextEncoder().encode(JSON.stringify({ facts: null, entries }).padEnd(240));
      const bytes = new Uint8Array(8 + 240 + 64);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, 0x3142534e, true);
      view.setUint32(4, header.length, true);
      bytes.set(header, 8);
      return bytes;
    };
    const entry = (name: string, offset: number) => ({ name, type: 'u8', offset, length: 16 });
    const read = (...entries: object[]) => parseArrayBundle(file(entries), 'test');
    expect(Object.keys(read(entry('a', 0), entry('b', 16)).arrays)).toEqual(['a', 'b']);
    expect(() => read(entry('a', 0), entry('b', 0))).toThrow('array "b" lies at 0, not at 16');
    expect(() => read(entry('a', 0), entry('b', 24))).toThrow('array "b" lies at 24, not at 16');
    expect(() => read(entry('a', 0), entry('a', 16))).toThrow('array "a" comes twice');
  });
});
