import { deflateSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { expandArchives, unzipFiles, zipFiles } from '../../../../src/formats/archives/archive';
import { blobOf } from './pickleBuilder';
import { makeZip } from './zipBuilder';

const FILES = new Map([
  ['cfg.json', new TextEncoder().encode('{}')],
  ['sub/weights.bin', Uint8Array.from({ length: 3000 }, (_, i) => i % 7)],
]);
const contents = async (files: { path: string; blob: Blob }[]) =>
  new Map(
    await Promise.all(
      files.map(async (f): Promise<[string, Uint8Array]> => [
        f.path,
        new Uint8Array(await f.blob.arrayBuffer()),
      ]),
    ),
  );
const refusal = (bytes: Uint8Array, maxBytes?: number) =>
  unzipFiles(blobOf(bytes), 'x.zip', maxBytes === undefined ? {} : { maxBytes }).then(
    () => 'read',
    (error: unknown) =>
      error instanceof FormatError ? error.message : `not ours: ${String(error)}`,
  );

describe('zipFiles and unzipFiles', () => {
  it('come back as they went, and equal content gives equal bytes', async () => {
    const zip = zipFiles(FILES);
    expect(await contents(await unzipFiles(blobOf(zip), 'x.zip'))).toEqual(FILES);
    expect(zipFiles(FILES)).toEqual(zip);
    expect(zip.length).toBeGreaterThan(3000);
  });

  it('read what another program deflated', async () => {
    const zip = zipSync(Object.fromEntries(FILES), { level: 6 });
    expect(zip.length).toBeLessThan(1000);
    expect(await contents(await unzipFiles(blobOf(zip), 'x.zip'))).toEqual(FILES);
  });

  it('refuse an entry that inflates to more or less than it says, or not at all', async () => {
    const packed = deflateSync(new Uint8Array(5000));
    const lie = (size: number, data = packed) => makeZip([{ path: 'a', data, size, method: 8 }]);
    expect(await refusal(lie(5000))).toBe('read');
    expect(await refusal(lie(4999))).toContain('inflates to more bytes than the 4999 announced');
    expect(await refusal(lie(100))).toContain('inflates to more bytes than the 100 announced');
    expect(await refusal(lie(5001))).toContain('inflates to 5000 bytes, not the 5001 announced');
    expect(await refusal(lie(100, new Uint8Array(20).fill(255)))).toContain('does not inflate');
  });

  it('refuse a bomb before inflating it', async () => {
    expect(await refusal(zipSync({ a: new Uint8Array(200_000) }), 100_000)).toContain(
      'inflate to 200000 bytes; at most 100000',
    );
    const terabytes = makeZip([{ path: 'a', data: new Uint8Array(9), size: 4e9, method: 8 }]);
    expect(await refusal(terabytes)).toContain('at most 1073741824');
    // Below that bound, but no nine bytes can hold it: refused before it is allocated.
    const million = makeZip([{ path: 'a', data: new Uint8Array(9), size: 1e9, method: 8 }]);
    expect(await refusal(million)).toContain('cannot inflate from 9 bytes to the 1000000000');
    const most = deflateSync(new Uint8Array(10_000_000), { level: 9 });
    const honest = makeZip([{ path: 'a', data: most, size: 10_000_000, method: 8 }]);
    expect(await refusal(honest)).toBe('read');
  });
});

describe('a zip of which some files are wanted (7.31)', () => {
  const limitOf = (path: string) => (path === 'cfg.json' ? 100 : null);

  it('leaves the others packed, whatever they hold', async () => {
    const bomb = makeZip([
      { path: 'cfg.json', data: new TextEncoder().encode('{}') },
      { path: 'bomb', data: new Uint8Array(9), size: 4e9, method: 8 },
    ]);
    const files = await unzipFiles(blobOf(bomb), 'x.zip', { limitOf });
    expect(files.map(({ path }) => path)).toEqual(['cfg.json']);
  });

  it('is refused by the size of one before it is inflated', async () => {
    const packed = deflateSync(new Uint8Array(5000));
    const zip = makeZip([{ path: 'cfg.json', data: packed, size: 5000, method: 8 }]);
    await expect(unzipFiles(blobOf(zip), 'x.zip', { limitOf })).rejects.toThrow(
      '"cfg.json" has 5000 bytes; a file of that name has at most 100',
    );
  });
});

describe('expandArchives', () => {
  it('replaces a zip by its files and keeps the rest', async () => {
    const files = await expandArchives([
      { path: 'sae.ZIP', blob: blobOf(zipFiles(FILES)) },
      { path: 'loose.json', blob: new Blob(['1']) },
    ]);
    expect(files.map((f) => f.path)).toEqual(['cfg.json', 'sub/weights.bin', 'loose.json']);
  });
});
