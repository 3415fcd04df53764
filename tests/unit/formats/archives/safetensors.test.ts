import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { formatSafetensors, readSafetensors } from '../../../../src/formats/archives/safetensors';
import { blobOf } from './pickleBuilder';
import { concat, little } from './zipBuilder';

const encoder = new TextEncoder();
const file = (header: string | Uint8Array, dataBytes = 0, length?: number) => {
  const bytes = typeof header === 'string' ? encoder.encode(header) : header;
  return concat(little([8, length ?? bytes.length]), bytes, new Uint8Array(dataBytes));
};
const info = (dtype: string, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const refusal = (bytes: Uint8Array) =>
  readSafetensors(blobOf(bytes), 'x.safetensors').then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

describe('readSafetensors', () => {
  it('reads what the reference implementation wrote', async () => {
    const path = 'tests/fixtures/formats/reference.safetensors';
    const { tensors, metadata } = await readSafetensors(await openAsBlob(path), path);
    expect(Object.fromEntries(metadata)).toEqual({ format: 'pt', note: 'café' });
    const seen = [...tensors.values()].map(async (t) => {
      return [t.name, t.dtype, t.shape, [...(await t.read())]] as const;
    });
    const sorted = (await Promise.all(seen)).sort((x, y) => (x[0] < y[0] ? -1 : 1));
    expect(sorted).toEqual([
      ['W', 'f32', [3, 4], Array.from({ length: 12 }, (_, i) => i / 8 - 1)],
      ['empty', 'f32', [0, 4], []],
      ['half', 'f16', [2, 2], [1.5, -2, 65504, 2 ** -24]],
    ]);
  });

  it('reads a part of a tensor', async () => {
    const path = 'tests/fixtures/formats/reference.safetensors';
    const { tensors } = await readSafetensors(await openAsBlob(path), path);
    const part = async (name: string, start: number, end: number) => [
      ...(await tensors.get(name)!.readPart(start, end)),
    ];
    expect(await part('W', 3, 5)).toEqual([3 / 8 - 1, 4 / 8 - 1]);
    expect(await part('half', 2, 4)).toEqual([65504, 2 ** -24]);
    await expect(part('half', 2, 5)).rejects.toThrow('values 2 to 5 were requested of 4');
  });

  it('widens f16 and bf16 from unaligned places, and an f64 topk_threshold', async () => {
    const header = `{"a":${info('F16', [1], [0, 2])},"topk_threshold":${info('F64', [], [4, 12])},"b":${info('BF16', [1, 1], [2, 4])}} `;
    const bytes = file(header, 12);
    bytes.set([0x00, 0x3e, 0x40, 0x40, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], bytes.length - 12);
    const { tensors } = await readSafetensors(blobOf(bytes));
    const read = async (name: string) => [...(await tensors.get(name)!.read())];
    expect([await read('a'), await read('b'), await read('topk_threshold')]).toEqual([
      [1.5],
      [3],
      [1.5],
    ]);
  });

  it.each<[string, Uint8Array, string]>([
    ['a file of seven bytes', new Uint8Array(7), 'with 7 bytes it is not a safetensors file'],
    ['a header beyond the file', file('{}', 0, 100), 'ends at 10'],
    ['a header beyond 16 MiB', file('{}', 0, 16 * 1024 * 1024 + 1), 'at most 16777216'],
    [
      'a length beyond 2^53',
      concat(new Uint8Array(8).fill(255), encoder.encode('{}')),
      '18446744073709551615',
    ],
    ['an empty header', file(''), 'begins with byte nothing'],
    ['a header that is a list', file('[]'), 'begins with byte 91'],
    ['a header after a space', file(' {}'), 'begins with byte 32'],
    ['broken JSON', file('{"a":'), 'not JSON in UTF-8'],
    [
      'text that is not UTF-8',
      file(concat(encoder.encode('{"'), Uint8Array.of(0xff), encoder.encode('":1}'))),
      'not JSON in UTF-8',
    ],
    [
      'metadata that is no map of text',
      file('{"__metadata__":{"a":1}}'),
      '__metadata__ must map text to text',
    ],
    [
      'metadata that is a list',
      file('{"__metadata__":["a"]}'),
      '__metadata__ must map text to text',
    ],
    ['a tensor that is a number', file('{"a":1}'), 'must be described by a JSON object'],
    ['a dtype that is not read', file(`{"a":${info('I64', [1], [0, 8])}}`, 8), 'dtype "I64"'],
    [
      'a dtype out of the prototype',
      file(`{"a":${info('constructor', [1], [0, 4])}}`, 4),
      'dtype "constructor"',
    ],
    ['an f64 of another name', file(`{"a":${info('F64', [], [0, 8])}}`, 8), 'dtype "F64"'],
    [
      'an f64 threshold that is no scalar',
      file(`{"topk_threshold":${info('F64', [2], [0, 16])}}`, 16),
      'needs 16 bytes',
    ],
    ['a rank above 4', file(`{"a":${info('F32', [1, 1, 1, 1, 1], [0, 4])}}`, 4), 'no usable shape'],
    ['a negative dimension', file(`{"a":${info('F32', [-1], [0, 4])}}`, 4), 'no usable shape'],
    ['a fractional dimension', file(`{"a":${info('F32', [0.5], [0, 4])}}`, 4), 'no usable shape'],
    [
      'a dimension beyond 2^53',
      file(`{"a":${info('F32', [2 ** 53], [0, 4])}}`, 4),
      'no usable shape',
    ],
    ['a shape that is text', file(`{"a":${info('F32', '1', [0, 4])}}`, 4), 'no usable shape'],
    [
      'offsets that run backwards',
      file(`{"a":${info('F32', [1], [4, 0])}}`, 4),
      'no usable data_offsets',
    ],
    ['one offset', file(`{"a":${info('F32', [1], [4])}}`, 4), 'no usable data_offsets'],
    [
      'a product that overflows',
      file(`{"a":${info('F32', [2 ** 32, 2 ** 32, 4], [0, 0])}}`),
      'is given 0',
    ],
    [
      'a shape that does not fit its range',
      file(`{"a":${info('F32', [2], [0, 4])}}`, 4),
      'needs 8 bytes but is given 4',
    ],
    [
      'a gap in front',
      file(`{"a":${info('F32', [1], [4, 8])}}`, 8),
      'begins at byte 4 of the data, expected 0',
    ],
    [
      'a gap between',
      file(`{"a":${info('F32', [1], [0, 4])},"b":${info('F32', [1], [8, 12])}}`, 12),
      'expected 4',
    ],
    [
      'an overlap',
      file(`{"a":${info('F32', [1], [0, 4])},"b":${info('F32', [1], [0, 4])}}`, 8),
      'begins at byte 0 of the data, expected 4',
    ],
    [
      'bytes behind the last tensor',
      file(`{"a":${info('F32', [1], [0, 4])}}`, 5),
      'take 4 bytes but 5 follow',
    ],
    [
      'data that is cut off',
      file(`{"a":${info('F32', [1], [0, 4])}}`, 3),
      'take 4 bytes but 3 follow',
    ],
    [
      'a key that JSON has twice',
      file(`{"a":${info('F32', [1], [0, 4])},"a":${info('F32', [1], [4, 8])}}`, 8),
      'repeated names',
    ],
    [
      'too many tensors',
      file(
        `{${Array.from({ length: 10_001 }, (_, i) => `"${i}":${info('F32', [0], [0, 0])}`).join()}}`,
      ),
      '10001 tensors',
    ],
  ])('refuses %s', async (_, bytes, sentence) => {
    expect(await refusal(bytes)).toContain(sentence);
  });
});

describe('formatSafetensors', () => {
  it('comes back as it went, sorted by name and padded to 8 bytes', async () => {
    const W = { name: 'W', shape: [2, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, 6) };
    const b = { name: 'b', shape: [], data: Float32Array.of(7).subarray(0, 1) };
    const bytes = formatSafetensors([b, W], new Map([['format', 'pt']]));
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)).trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},"W":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[],"data_offsets":[24,28]}}',
    );
    const { tensors, metadata } = await readSafetensors(blobOf(bytes));
    expect([...metadata]).toEqual([['format', 'pt']]);
    expect(await tensors.get('W')!.read()).toEqual(W.data);
    expect(await tensors.get('b')!.read()).toEqual(b.data);
    expect(tensors.get('W')!.shape).toEqual([2, 3]);
  });

  it('refuses a shape that does not hold its data, and a name twice', () => {
    const b = { name: 'b', shape: [2], data: new Float32Array(2) };
    expect(() => formatSafetensors([{ ...b, shape: [3] }])).toThrow('[3] does not hold 2 values');
    expect(() => formatSafetensors([b, b])).toThrow('comes twice');
  });
});
