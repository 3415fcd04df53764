// The pages of one Parquet column chunk of flat text, unpacked and checked before anyone decodes them: the
// decoder that follows trusts run lengths, counts and sizes, and would fill arrays of any length.
// Format: apache/parquet-format, README and Encodings.md. It does not decode text.
import { snappyUncompress } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import {
  decompressBrotli,
  decompressGzip,
  decompressLz4,
  decompressLz4Raw,
  decompressZstd,
} from 'hyparquet-compressors';
import { checkDeltaTexts } from './parquetDelta';
import { checkRuns } from './parquetRuns';
import { endOfThriftStruct } from './parquetThrift';

/** Bytes of one row group's column, packed or unpacked; nanochat's have about five million. */
export const LARGEST_CHUNK = 256 * 2 ** 20;
/** fields of one page header, statistics included */
const MOST_FIELDS = 200;

type Codec = {
  /** the largest possible expansion, output bytes per input byte, given the format's longest copy */
  ratio: number;
  unpack: (packed: Uint8Array, size: number) => Uint8Array;
};
const CODECS: Readonly<Record<string, Codec>> = {
  UNCOMPRESSED: { ratio: 1, unpack: (packed) => packed },
  // A copy of 64 bytes takes three.
  SNAPPY: {
    ratio: 22,
    unpack: (packed, size) => {
      const out = new Uint8Array(size);
      snappyUncompress(packed, out);
      return out;
    },
  },
  GZIP: { ratio: 1032, unpack: (packed, size) => decompressGzip(packed, size) },
  // A block of 128 KiB of one byte takes four.
  ZSTD: {
    ratio: 32_768,
    unpack: (packed, size) => decompressZstd(packed, new Uint8Array(size)),
  },
  // A meta-block of 16 MiB of one byte takes about eight.
  BROTLI: { ratio: 2 ** 21, unpack: (packed, size) => decompressBrotli(packed, size) },
  // A length grows by 255 for each byte.
  LZ4: { ratio: 255, unpack: (packed, size) => decompressLz4(packed, size) },
  LZ4_RAW: { ratio: 255, unpack: (packed, size) => decompressLz4Raw(packed, size) },
};

/** A sound file in a form that is not read: getting it again would not help. */
export class UnreadParquetError extends Error {}

export type CheckedPages = {
  /** unpacked values by where they lie, packed, in the chunk */
  unpacked: Map<number, Uint8Array>;
  /** rows that are null */
  nulls: number;
};

type Header = ReturnType<typeof parquetHeader>;
type Page = { header: Header; offset: number; packed: Uint8Array };

/** Throws Error for pages that are not `rows` rows of flat text, or would unpack beyond LARGEST_CHUNK. */
export function checkPages(
  bytes: ArrayBuffer,
  o: { rows: number; codec: string; isOptional: boolean },
): CheckedPages {
  const codec = Object.hasOwn(CODECS, o.codec) ? CODECS[o.codec] : undefined;
  if (codec === undefined) throw new UnreadParquetError(`compressed with ${o.codec}`);
  const checked: CheckedPages = { unpacked: new Map(), nulls: 0 };
  const room = { bytes: LARGEST_CHUNK };
  let rows = 0;
  for (const page of pagesOf(bytes)) {
    const values = checkPage(page, { ...o, codec, room, checked });
    rows += values;
    if (rows > o.rows) throw new Error(`a page of ${values} values, ${rows} of ${o.rows} rows`);
  }
  if (rows !== o.rows) throw new Error(`${rows} values for ${o.rows} rows`);
  return checked;
}

function* pagesOf(bytes: ArrayBuffer): Generator<Page> {
  const reader = { view: new DataView(bytes), offset: 0 };
  while (reader.offset < bytes.byteLength - 1) {
    endOfThriftStruct(reader.view, reader.offset, bytes.byteLength, MOST_FIELDS);
    const header = parquetHeader(reader);
    const { compressed_page_size: size } = header;
    if (!isCount(size, bytes.byteLength - reader.offset)) {
      throw new Error(`a page of ${size} bytes beyond its row group`);
    }
    yield { header, offset: reader.offset, packed: new Uint8Array(bytes, reader.offset, size) };
    reader.offset += size;
  }
}

type PageContext = {
  rows: number;
  isOptional: boolean;
  codec: Codec;
  room: { bytes: number };
  checked: CheckedPages;
};

/** Its number of values; 0 for a dictionary. */
function checkPage({ header, offset: offset, packed }: Page, c: PageContext): number {
  const { type, dictionary_page_header: words, data_page_header: v1 } = header;
  const size = header.uncompressed_page_size;
  if (type === 'DICTIONARY_PAGE' && words !== undefined) {
    checkPlain(unpack(packed, offset, size, c), 0, words.num_values);
    return 0;
  }
  if (type === 'DATA_PAGE' && v1 !== undefined) {
    const { num_values: values, encoding } = v1;
    if (!isCount(values, c.rows)) throw new Error(`a page of ${values} values`);
    const page = unpack(packed, offset, size, c);
    let start = 0;
    let present = values;
    if (c.isOptional) {
      const length = viewOf(page).getUint32(0, true);
      start = 4 + length;
      if (start > page.length) throw new Error(`levels of ${length} bytes`);
      present = checkRuns(page, { offset: 4, end: start, width: 1, values });
    }
    c.checked.nulls += values - present;
    checkValues(page, { offset: start, encoding, count: present, isV2: false, room: c.room });
    return values;
  }
  if (type === 'DATA_PAGE_V2') return checkPageV2({ header, offset: offset, packed }, c);
  throw new Error(`a page of kind ${type}`);
}

function checkPageV2({ header, offset: offset, packed }: Page, c: PageContext): number {
  const v2 = header.data_page_header_v2;
  if (v2 === undefined) throw new Error('a page without its header');
  const { num_values: values, num_nulls: nulls, num_rows: rows, encoding } = v2;
  const levels = v2.definition_levels_byte_length;
  const isSound =
    isCount(values, c.rows) &&
    isCount(nulls, values) &&
    rows === values &&
    v2.repetition_levels_byte_length === 0 &&
    isCount(levels, packed.length);
  if (!isSound) throw new Error(`a page of ${values} values, ${nulls} of them missing`);
  const present = c.isOptional
    ? checkRuns(packed, { offset: 0, end: levels, width: 1, values })
    : values;
  if (present !== values - nulls) throw new Error(`${present} texts of ${values - nulls}`);
  c.checked.nulls += nulls;
  const body = packed.subarray(levels);
  const size = header.uncompressed_page_size - levels;
  const page = v2.is_compressed === false ? body : unpack(body, offset + levels, size, c);
  checkValues(page, { offset: 0, encoding, count: present, isV2: true, room: c.room });
  return values;
}

function unpack(packed: Uint8Array, offset: number, size: number, c: PageContext): Uint8Array {
  const { ratio, unpack: run } = c.codec;
  if (!isCount(size, c.room.bytes) || size > ratio * packed.length) {
    throw new Error(`a page of ${size} bytes out of ${packed.length}`);
  }
  c.room.bytes -= size;
  const page = size === 0 ? new Uint8Array() : run(packed, size);
  if (page.length !== size) throw new Error(`a page of ${page.length} bytes, not ${size}`);
  c.checked.unpacked.set(offset, page);
  return page;
}

function checkValues(
  page: Uint8Array,
  o: { offset: number; encoding: string; count: number; isV2: boolean; room: { bytes: number } },
): void {
  const { offset: offset, encoding, count, isV2 } = o;
  if (encoding === 'PLAIN') checkPlain(page, offset, count);
  else if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    const width = page[offset];
    if (width === undefined || width > 32) throw new Error(`indices of ${width ?? 'no'} bits`);
    // Indices of zero bits are all 0: in a version 1 page the decoder reads no runs for them.
    if (width === 0 && !isV2) return;
    checkRuns(page, { offset: offset + 1, end: page.length, width, values: count });
  } else if (encoding === 'DELTA_LENGTH_BYTE_ARRAY' || encoding === 'DELTA_BYTE_ARRAY') {
    const hasPrefixes = encoding === 'DELTA_BYTE_ARRAY';
    checkDeltaTexts(page, { start: offset, count, hasPrefixes, room: o.room.bytes });
  } else {
    throw new UnreadParquetError(`with text encoded as ${encoding}`);
  }
}

/** Checks that each text is preceded by its length and lies within its page. */
function checkPlain(page: Uint8Array, start: number, count: number): void {
  if (!isCount(count, Math.floor((page.length - start) / 4))) {
    throw new Error(`${count} texts in ${page.length - start} bytes`);
  }
  const view = viewOf(page);
  let offset = start;
  for (let i = 0; i < count; i++) {
    if (offset + 4 > page.length) throw new Error(`text ${i} of ${count} is missing`);
    offset += 4 + view.getUint32(offset, true);
  }
  if (offset > page.length) throw new Error('a text that ends beyond its page');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isCount(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}
