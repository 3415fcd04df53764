import { expect, test } from 'vitest';
import { packUniform, uniformStruct } from '../../../../src/gpu/device/uniformStruct';

/** Byte offset of each field. */
function offsetsOf({ members }: ReturnType<typeof uniformStruct>) {
  return Object.fromEntries(members.map(({ name, offset }) => [name, offset]));
}

test('scalars follow one another, 4 bytes each', () => {
  const struct = uniformStruct({ count: 'u32', scale: 'f32', first: 'u32' });
  expect(offsetsOf(struct)).toEqual({ count: 0, scale: 4, first: 8 });
  expect(struct.byteLength).toBe(12);
  const view = new DataView(packUniform(struct, { first: 3, count: 7, scale: 0.5 }).buffer);
  expect([view.getUint32(0, true), view.getFloat32(4, true), view.getUint32(8, true)]).toEqual([
    7, 0.5, 3,
  ]);
});

test('arrays of vectors begin at multiples of 16 and make the struct end there', () => {
  const struct = uniformStruct({
    count: 'u32',
    widths: { of: 'vec4<u32>', length: 2 },
    last: 'f32',
  });
  expect(offsetsOf(struct)).toEqual({ count: 0, widths: 16, last: 48 });
  expect(struct.byteLength).toBe(64);
  const words = packUniform(struct, { count: 1, widths: [5, 6, 7, 8, 9], last: 0 });
  expect([...words]).toEqual([1, 0, 0, 0, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0]);
});

test('structs in arrays lie 16 bytes apart or a multiple of that', () => {
  const slot = uniformStruct({ a: 'u32', b: 'f32', c: 'u32', d: 'u32', e: 'u32' });
  const struct = uniformStruct({ rows: 'u32', slots: { of: slot, length: 2 } });
  expect(struct.byteLength).toBe(16 + 2 * 32);
  const words = packUniform(struct, {
    rows: 4,
    slots: [
      { a: 1, b: 1, c: 3, d: 4, e: 5 },
      { a: 6, b: 0, c: 8, d: 9, e: 10 },
    ],
  });
  const one = new Uint32Array(new Float32Array([1]).buffer)[0];
  expect([...words]).toEqual([
    ...[4, 0, 0, 0],
    ...[1, one, 3, 4, 5, 0, 0, 0],
    ...[6, 0, 8, 9, 10, 0, 0, 0],
  ]);
});

test('more values than an array holds are refused', () => {
  const struct = uniformStruct({ widths: { of: 'vec4<u32>', length: 1 } });
  expect(() => packUniform(struct, { widths: [1, 2, 3, 4, 5] })).toThrow('widths: 5 values');
});
