// A direction out of each kind of file, and what is said of files that hold none.
import { describe, expect, it } from 'vitest';
import { f32ToF16 } from '../../../../src/core/numeric/float16';
import { formatSafetensors } from '../../../../src/formats/archives/safetensors';
import { readVectorFile } from '../../../../src/formats/sae/vectorFile';

const VALUES = [0.5, -2, 3];

function file(path: string, ...parts: BlobPart[]) {
  return { path, blob: new Blob(parts) };
}

/** As numpy.save writes it, format 1.0. */
function npy(descr: string, shape: string, data: ArrayBufferView<ArrayBuffer>): BlobPart[] {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = text.padEnd(128 - 10 - 1) + '\n';
  const length = Uint8Array.of(header.length & 255, header.length >> 8);
  return [Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0), length, header, data];
}

describe('a vector file', () => {
  it.each([
    ['a list', JSON.stringify(VALUES)],
    ['under vector', JSON.stringify({ name: 'x', vector: VALUES })],
    ['under values', JSON.stringify({ values: VALUES })],
  ])('.json, %s', async (_, text) => {
    expect([...(await readVectorFile(file('v.json', text)))]).toEqual(VALUES);
  });

  it.each([
    ['<f4', '(3,)', Float32Array.from(VALUES)],
    ['<f8', '(1, 3)', Float64Array.from(VALUES)],
    ['<f2', '(3, 1)', f32ToF16(Float32Array.from(VALUES))],
  ])('.npy of %s, %s', async (descr, shape, data) => {
    const parts = npy(descr, shape, data as ArrayBufferView<ArrayBuffer>);
    expect([...(await readVectorFile(file('v.npy', ...parts)))]).toEqual(VALUES);
  });

  it('.safetensors, the only tensor or the named one', async () => {
    const tensor = (name: string, values: number[]) => {
      return { name, shape: [values.length], data: Float32Array.from(values) };
    };
    const single = formatSafetensors([tensor('a', VALUES)]);
    expect([...(await readVectorFile(file('v.safetensors', single)))]).toEqual(VALUES);
    const two = file('v.safetensors', formatSafetensors([tensor('a', [1]), tensor('b', VALUES)]));
    expect([...(await readVectorFile(two, 'b'))]).toEqual(VALUES);
    await expect(readVectorFile(two)).rejects.toThrow('name one of its tensors: a, b');
  });

  it.each([
    ['v.txt', ['1'], 'read from .json, .npy or .safetensors'],
    ['v.json', ['{'], 'not valid JSON'],
    ['v.json', ['{"vector": "x"}'], 'expected a list of numbers'],
    ['v.json', ['[]'], '0 values; a vector has 1 to 65536'],
    ['v.json', ['[1e400]'], 'value 0 is not a finite number'],
    ['v.npy', ['no numpy file at all'], 'not a .npy file'],
    ['v.npy', npy('<i8', '(3,)', Float64Array.from(VALUES)), 'type <i8; supported are <f2'],
    ['v.npy', npy('<f4', '(3, 2)', new Float32Array(6)), 'one axis longer than 1'],
    ['v.npy', npy('<f4', '(4,)', Float32Array.from(VALUES)), 'is cut off'],
  ])('%s that holds none is refused: %#', async (path, parts, message) => {
    await expect(readVectorFile(file(path, ...parts))).rejects.toThrow(message);
  });
});
