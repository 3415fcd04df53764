import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { readZipDirectory } from '../../../../src/formats/archives/zip';
import { blobOf } from './pickleBuilder';
import { concat, makeZip } from './zipBuilder';
import type { ZipLies, ZipPart } from './zipBuilder';

const text = (line: string) => new TextEncoder().encode(line);

const A: ZipPart = { path: 'root/a', data: Uint8Array.of(1, 2, 3), padding: 9 };
const B: ZipPart = { path: 'root/b', data: Uint8Array.of(4, 5) };

async function contents(parts: ZipPart[], lies?: ZipLies) {
  const blob = blobOf(makeZip(parts, lies));
  const entries = await readZipDirectory(blob, 'x.zip');
  const read = [...entries.values()].map(async (e) => {
    return [e.path, [...new Uint8Array(await blob.slice(e.start, e.end).arrayBuffer())]];
  });
  return Object.fromEntries(await Promise.all(read)) as Record<string, number[]>;
}

const refusal = (bytes: Uint8Array, o = {}) =>
  readZipDirectory(blobOf(bytes), 'x.zip', o).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

describe('readZipDirectory', () => {
  it.each<[string, ZipLies]>([
    ['a plain zip', {}],
    ['a zip64 whose end record holds only placeholders', { zip64: true }],
    ['entries whose sizes stand in the zip64 extra field', { zip64: true, wideEntries: true }],
    ['a zip with a comment', { comment: 'made by PK\u0005\u0006 somebody' }],
  ])('finds the data behind the local header in %s', async (_, lies) => {
    expect(await contents([A, B], lies)).toEqual({ 'root/a': [1, 2, 3], 'root/b': [4, 5] });
  });

  it('leaves folders out and reads an empty zip', async () => {
    expect(await contents([{ path: 'root/', data: new Uint8Array() }, B])).toEqual({
      'root/b': [4, 5],
    });
    expect(await contents([])).toEqual({});
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), 'the file is empty'],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid'), 'git lfs pull'],
    ['a web page', text('<!DOCTYPE html><html>'), 'a web page'],
    ['some other file', text('GGUF....'), 'not a zip file, which files of torch.save are'],
    ['a file of before PyTorch 1.6', Uint8Array.of(0x80, 2, 0x8a, 10), 'before PyTorch 1.6'],
    ['a compressed entry', makeZip([{ ...A, method: 8 }]), 'compressed (method 8)'],
    ['an encrypted entry', makeZip([{ ...A, flags: 1 }]), 'encrypted'],
    ['a strongly encrypted entry', makeZip([{ ...A, flags: 0x40 }]), 'encrypted'],
    ['a repeated name', makeZip([A, A]), 'two zip entries are named "root/a"'],
    [
      'overlapping entries',
      makeZip([
        { ...A, headerAt: 0 },
        { ...B, path: 'root/c', headerAt: 0 },
      ]),
      'overlapping',
    ],
    ['an entry beyond the file', makeZip([{ ...A, headerAt: 1e6 }]), 'the file ends at'],
    [
      'an offset that is no header',
      makeZip([{ ...A, headerAt: 3 }]),
      'no header of zip entry "root/a"',
    ],
    [
      'a stored entry of two sizes',
      makeZip([{ ...A, size: 99 }]),
      'stored in 3 bytes but said to hold 99',
    ],
    [
      'bytes in front',
      concat(makeZip([A]).subarray(0, 4), makeZip([A])),
      'bytes are missing or were added',
    ],
    ['bytes behind', concat(makeZip([A]), Uint8Array.of(0)), 'cut off'],
  ])('refuses %s', async (_, bytes, sentence) => {
    expect(await refusal(bytes)).toContain(sentence);
  });

  it('refuses a file cut anywhere', async () => {
    for (const lies of [{}, { zip64: true }]) {
      const whole = makeZip([A, B], lies);
      for (let length = 0; length < whole.length; length++) {
        expect(await refusal(whole.subarray(0, length)), `cut at ${length}`).toMatch(/^x\.zip: /);
      }
    }
  });

  it('lists a deflated entry where its caller allows it', async () => {
    const packed = deflateSync(new Uint8Array(100));
    const zip = makeZip([{ ...A, data: packed, size: 100, method: 8 }]);
    const entries = await readZipDirectory(blobOf(zip), 'x.zip', { allowDeflate: true });
    expect(entries.get('root/a')).toMatchObject({ isDeflated: true, size: 100 });
  });

  it('reads the ends of a large file only', async () => {
    const blob = blobOf(makeZip([{ path: 'big', data: new Uint8Array(5_000_000) }]));
    let bytes = 0;
    const counted = new Proxy(blob, {
      get: (target, key) => {
        if (key === 'size') return target.size;
        return (start: number, end: number) => {
          bytes += end - start;
          return target.slice(start, end);
        };
      },
    });
    await readZipDirectory(counted, 'x.zip');
    expect(bytes).toBeLessThan(70_000);
  });
});
