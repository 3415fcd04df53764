// Against files that pyarrow wrote (tests/peers/parquet_fixture.py).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parquetTextBytes, readParquetColumn } from '../../../../src/formats/text/parquetCorpus';
import note from '../../../fixtures/formats/corpus_parquet.note.json';

const VARIANTS = [
  ...['zstd', 'snappy_dictionary', 'gzip_v2', 'plain', 'brotli', 'lz4'],
  ...['delta_length', 'delta_strings'],
];
const fixture = (name: string) =>
  new Uint8Array(readFileSync(`tests/fixtures/formats/corpus_${name}.parquet`));

async function read(bytes: Uint8Array | Blob, field = 'text', wanted = Infinity) {
  const found: string[] = [];
  const blob = bytes instanceof Blob ? bytes : new Blob([bytes.slice()]);
  const add = (text: string) => found.push(text) < wanted;
  const skip = () => undefined;
  await readParquetColumn(
    blob,
    { field, what: 'x.parquet', onBytes: () => undefined },
    { add, skip },
  );
  return found;
}

describe('a Parquet column', () => {
  it.each(VARIANTS)('%s: gives every text of every row group, without nulls', async (name) => {
    expect((await read(fixture(name))).filter((text) => text !== '')).toEqual(note.texts);
  });

  it('of a file without rows has no texts (7.29)', async () => {
    expect(await read(fixture('empty'))).toEqual([]);
  });

  it('of which a share is wanted: a part of evenly spread row groups', async () => {
    const whole = (await read(fixture('zstd'))).filter((text) => text !== '');
    const take = async (share: number) => {
      const found: string[] = [];
      const blob = new Blob([fixture('zstd').slice()]);
      const o = { field: 'text', what: 'x.parquet', share, onBytes: () => undefined };
      await readParquetColumn(blob, o, {
        add: (text) => found.push(text) > 0,
        skip: () => undefined,
      });
      return found.filter((text) => text !== '');
    };
    expect(await take(1)).toEqual(whole);
    // A fifth of three row groups: three fifths of the first.
    const fifth = await take(0.2);
    expect(fifth).toEqual(whole.slice(0, fifth.length));
    expect(fifth.length).toBeLessThan(whole.length / 3);
    // Two thirds: of three row groups the first and the second.
    const more = await take(0.6);
    expect(more.every((text) => whole.includes(text))).toBe(true);
    expect(more.length).toBeGreaterThan(fifth.length);
    expect(more.length).toBeLessThan(whole.length);
  });

  it('tells its unpacked bytes without reading it', async () => {
    const blob = new Blob([fixture('plain').slice()]);
    const bytes = await parquetTextBytes(blob, { field: 'text', what: 'x.parquet' });
    const text = new TextEncoder().encode(note.texts.join('')).length;
    expect(bytes).toBeGreaterThanOrEqual(text);
    expect(bytes).toBeLessThan(text * 1.5 + 1000);
  });

  it('reads one row group at a time, and none that nobody wants', async () => {
    const slices: [number, number][] = [];
    const blob = new Blob([fixture('zstd').slice()]);
    const watched = new Proxy(blob, {
      get(target, key) {
        if (key === 'slice') {
          return (start: number, end: number) => {
            slices.push([start, end]);
            return target.slice(start, end);
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    expect(await read(watched, 'text', 3)).toEqual(note.texts.slice(0, 3));
    const data = slices.filter(([, end]) => end < blob.size - 8);
    expect(data).toHaveLength(1);
    expect(data[0]![1] - data[0]![0]).toBeLessThan(blob.size / 3);
  });

  it('names the columns when the chosen one is missing, and its kind when it is no text', async () => {
    await expect(read(fixture('zstd'), 'body')).rejects.toThrow(
      'x.parquet: no column "body" (its columns: "score", "text")',
    );
    await expect(read(fixture('zstd'), 'score')).rejects.toThrow('holds INT64 values, not text');
    await expect(read(fixture('zstd'), 'score')).rejects.toThrow(FormatError);
  });

  it('believes no page that claims more values than its row group has', async () => {
    const bytes = fixture('zstd');
    const metadata = parquetMetadata(bytes.slice().buffer);
    const offset = Number(metadata.row_groups[0]!.columns[1]!.meta_data!.data_page_offset);
    // Thrift of the data page header: field 5, a struct; its field 1, an i32 of zigzag 10.
    const at = bytes.findIndex(
      (byte, i) => i > offset && byte === 0x2c && bytes[i + 1] === 0x15 && bytes[i + 2] === 0x14,
    );
    expect(at - offset).toBeLessThan(20);
    bytes[at + 2] = 0x7e;
    await expect(read(bytes)).rejects.toThrow('a page of 63 values');
  });

  it('refuses a file cut off anywhere', async () => {
    const whole = fixture('zstd');
    for (let end = 0; end < whole.length; end += 37) {
      await expect(read(whole.subarray(0, end))).rejects.toThrow(FormatError);
    }
  });

  it.each(VARIANTS)('%s: refuses or reads any mutated file', async (name) => {
    const whole = fixture(name);
    const outcome = { refused: 0, read: 0 };
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
    const footer = fc.record({
      at: fc.integer({ min: Math.floor(whole.length * 0.6), max: whole.length - 1 }),
      value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x15, 0x1c),
    });
    const edits = fc.array(fc.oneof(change, footer), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(edits, async (changes) => {
      const bytes = whole.slice();
      for (const { at, value } of changes) bytes[at] = value;
      try {
        const texts = await read(bytes);
        expect(texts.every((text) => typeof text === 'string')).toBe(true);
        outcome.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        outcome.refused++;
      }
    });
    await fc.assert(property, { numRuns: 400, seed: 20260314 });
    expect(outcome.refused).toBeGreaterThan(40);
    expect(outcome.read).toBeGreaterThan(0);
  });
});
