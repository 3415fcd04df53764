// What stands between a hostile Parquet file and the decoder: lengths, runs and sizes that lie.
import { readFileSync } from 'node:fs';
import { parquetMetadata } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { readParquetColumn } from '../../../../src/formats/text/parquetCorpus';
import { checkPages } from '../../../../src/formats/text/parquetPages';
import { checkRuns } from '../../../../src/formats/text/parquetRuns';
import { endOfThriftStruct } from '../../../../src/formats/text/parquetThrift';

const LONGEST_RUN = [0xfe, 0xff, 0xff, 0xff, 0x0f];

describe('runs', () => {
  const ones = (bytes: number[], values: number) =>
    checkRuns(Uint8Array.from(bytes), { offset: 0, end: bytes.length, width: 1, values });

  it('count the ones of repeated and of packed values', () => {
    expect(ones([10 << 1, 1], 10)).toBe(10);
    expect(ones([10 << 1, 0], 10)).toBe(0);
    expect(ones([(2 << 1) | 1, 0b0111_1111, 0b11], 10)).toBe(9);
    expect(ones([4 << 1, 1, (1 << 1) | 1, 0b101], 7)).toBe(6);
  });

  it.each<[string, number[], string]>([
    ['a run of two thousand million values', [...LONGEST_RUN, 1], 'a run of 2147483647 values'],
    ['a run longer than what is left', [4 << 1, 1, 7 << 1, 1], 'where 6 are left'],
    ['runs that end too early', [4 << 1, 1], 'a run without its length'],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'a run without its length'],
    ['a packed run cut off', [(2 << 1) | 1, 1], 'after 0 of 10'],
  ])('refuses %s', (_, bytes, sentence) => {
    expect(() => ones(bytes, 10)).toThrow(sentence);
  });
});

describe('a Thrift struct', () => {
  const end = (bytes: number[], maxElements = 100) =>
    endOfThriftStruct(new DataView(Uint8Array.from(bytes).buffer), 0, bytes.length, maxElements);

  it('ends where it ends', () => {
    // An i32, a text, a list of two booleans, a struct with a true in it.
    expect(end([0x15, 2, 0x18, 1, 65, 0x19, 0x21, 1, 2, 0x1c, 0x11, 0, 0, 99])).toBe(13);
  });

  it.each<[string, number[], string]>([
    ['structures in structures', new Array<number>(40).fill(0x1c), 'more than 32 deep'],
    ['lists in lists', [0x19, ...new Array<number>(40).fill(0x19)], 'more than 32 deep'],
    ['a list of very many', [0x19, 0xf1, 0xff, 0xff, 0xff, 0x7f], 'a list of 268435455 items'],
    ['a number that goes on', [0x16, ...new Array<number>(20).fill(0xff)], 'more than 64 bits'],
    ['a text longer than the file', [0x18, 0x7f], '127 bytes where 0 are left'],
    ['a map, which Parquet has not', [0x1b, 0], 'an element of kind 11'],
    ['no end', [0x15, 2], 'bytes where 0 are left'],
    ['too many parts', [0x19, 0xf3, 101, ...new Array<number>(101).fill(0), 0], 'more parts'],
  ])('is refused with %s', (_, bytes, sentence) => {
    expect(() => end(bytes)).toThrow(sentence);
  });
});

describe('a Parquet file', () => {
  const read = async (bytes: Uint8Array) => {
    const found: string[] = [];
    const blob = new Blob([bytes.slice()]);
    const o = { field: 'text', what: 'x.parquet', onBytes: () => undefined };
    await readParquetColumn(blob, o, {
      add: (text) => found.push(text) > 0,
      skip: () => undefined,
    });
    return found;
  };
  const fixture = (name: string) =>
    new Uint8Array(readFileSync(`tests/fixtures/formats/corpus_${name}.parquet`));

  /** Where the values of the first data page lie, behind its header. */
  function dataPage(bytes: Uint8Array): number {
    const { meta_data: m } = parquetMetadata(bytes.slice().buffer).row_groups[0]!.columns[1]!;
    const reader = { view: new DataView(bytes.buffer), offset: Number(m!.data_page_offset) };
    expect(parquetHeader(reader).type).toBe('DATA_PAGE');
    return reader.offset;
  }

  it('cannot make the decoder fill an array without end', async () => {
    const bytes = fixture('plain');
    bytes.set([6, 0, 0, 0, ...LONGEST_RUN, 1], dataPage(bytes));
    const refused = await read(bytes).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FormatError);
    expect(String(refused)).toContain('a run of 2147483647 values');
  });

  it('is refused where an index lies beyond its dictionary', async () => {
    const bytes = fixture('plain');
    const at = dataPage(bytes);
    const levels = new DataView(bytes.buffer).getUint32(at, true);
    const width = at + 4 + levels;
    // Four bits an index, ten entries: 15 is none of them.
    expect(bytes[width]).toBe(4);
    bytes.fill(0xff, width + 2, width + 4);
    await expect(read(bytes)).rejects.toThrow(/\d texts of 9/);
  });

  it('is refused where a page unpacks to more than its codec can', () => {
    const bytes = fixture('gzip_v2');
    const { meta_data: m } = parquetMetadata(bytes.slice().buffer).row_groups[0]!.columns[1]!;
    const start = Number(m!.data_page_offset);
    const chunk = bytes.slice(start, start + Number(m!.total_compressed_size)).buffer;
    const check = (codec: string) =>
      checkPages(chunk, { rows: 10, codec, isOptional: true }).unpacked.size;
    expect(check('GZIP')).toBe(1);
    expect(() => check('UNCOMPRESSED')).toThrow(/a page of \d+ bytes out of/);
    expect(() => check('LZO')).toThrow('compressed with LZO');
    expect(() => check('constructor')).toThrow('compressed with constructor');
  });
});
