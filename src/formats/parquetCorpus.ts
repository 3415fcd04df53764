// One text column of a Parquet file, row group by row group: nanochat's shards (zstd, column "text") and
// what else writes flat string columns. Holds one row group at a time; never the whole file.
import { parquetMetadataAsync, parquetRead, type FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressGzip, decompressZstd } from 'hyparquet-compressors';
import { FormatError } from '../core/errors';
import { quote, readRange } from './byteRange';
import type { DocumentSink } from './corpus';

/** Bytes of one row group's column, packed or unpacked; nanochat's have about five million. */
const LARGEST_CHUNK = 256 * 2 ** 20;
const LARGEST_FOOTER = 32 * 2 ** 20;
const MOST_ROWS = 4_000_000;

/** Snappy and plain pages the reader knows by itself. */
const COMPRESSORS = {
  ZSTD: (input: Uint8Array, length: number) => decompressZstd(input, new Uint8Array(length)),
  GZIP: (input: Uint8Array, length: number) => decompressGzip(input, length),
};

/** Bytes of a column unpacked, as the file's footer says. Throws as readParquetColumn does. */
export async function parquetTextBytes(
  blob: Blob,
  o: { field: string; what: string },
): Promise<number> {
  const metadata = await guarded(o.what, () => readFooter(blob, o.what));
  checkColumn(metadata, o);
  return metadata.row_groups
    .flatMap(({ columns }) => columns)
    .filter(({ meta_data: m }) => m?.path_in_schema.join('.') === o.field)
    .reduce((sum, { meta_data: m }) => sum + Number(m?.total_uncompressed_size ?? 0), 0);
}

/** Feeds the texts of a column to `sink` until it has enough; nulls are left out. share: below 1, so many of
 *  the rows: whole row groups, evenly spread, and of each as many rows as it takes.
 *  what: names the file in errors. onBytes: bytes of the file passed so far.
 *  Throws FormatError for a damaged file, and for a wrong field with the columns that it has. */
export async function readParquetColumn(
  blob: Blob,
  o: {
    field: string;
    what: string;
    share?: number;
    onBytes: (done: number) => Promise<void> | void;
  },
  sink: DocumentSink,
): Promise<void> {
  const metadata = await guarded(o.what, () => readFooter(blob, o.what));
  checkColumn(metadata, o);
  const groups = metadata.row_groups.length;
  const share = o.share ?? 1;
  const used = Math.ceil(groups * share);
  const chosen = new Set(Array.from({ length: used }, (_, i) => Math.floor((i * groups) / used)));
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    if (!chosen.has(index)) {
      rowStart += rows;
      continue;
    }
    const where = `${o.what}, row group ${index}`;
    const texts = await guarded(where, async () => {
      const chunk = await readChunk(blob, group, { ...o, rows });
      return readRows(blob, { ...o, metadata, rowStart, rows, chunk });
    });
    for (const text of texts.slice(0, Math.ceil((texts.length * share * groups) / used))) {
      if (text === null || text === undefined) continue;
      if (typeof text !== 'string') throw noText(o, `holds ${typeof text} values`);
      if (!sink.add(text)) return;
    }
    rowStart += rows;
    await o.onBytes(Math.round((blob.size * (index + 1)) / groups));
  }
}

/** Whatever a foreign reader throws at a damaged file is this file's fault. */
async function guarded<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`${what}: damaged or not Parquet (${why}); get this file again`, {
      cause,
    });
  }
}

async function readFooter(blob: Blob, what: string): Promise<FileMetaData> {
  if (blob.size < 12) throw new Error(`${blob.size} bytes`);
  const tail = new DataView((await readRange(blob, blob.size - 8, blob.size, what)).buffer);
  const length = tail.getUint32(0, true);
  if (length > LARGEST_FOOTER) throw new Error(`a footer of ${length} bytes`);
  return parquetMetadataAsync(bufferOf(blob, null, what), { geoparquet: false });
}

type Chunk = { start: number; bytes: ArrayBuffer };

/** What the reader sees of the file: slices, and the chunk at hand without reading it twice. */
function bufferOf(blob: Blob, chunk: Chunk | null, what: string) {
  return {
    byteLength: blob.size,
    async slice(start: number, end = blob.size): Promise<ArrayBuffer> {
      if (end - start > LARGEST_CHUNK) throw new Error(`${end - start} bytes at once`);
      if (chunk !== null && start >= chunk.start && end <= chunk.start + chunk.bytes.byteLength) {
        return chunk.bytes.slice(start - chunk.start, end - chunk.start);
      }
      return (await readRange(blob, start, end, what)).buffer;
    },
  };
}

type ColumnRequest = { field: string; what: string };

function checkColumn(metadata: FileMetaData, o: ColumnRequest): void {
  const flat = metadata.schema.filter((element) => element.type !== undefined);
  const column = flat.find((element) => element.name === o.field);
  if (column === undefined) {
    const names = flat.slice(0, 10).map(({ name }) => quote(name));
    throw new FormatError(
      `${o.what}: no column ${quote(o.field)} (its columns: ${names.join(', ')}); choose the column that holds the text`,
    );
  }
  if (column.type !== 'BYTE_ARRAY') throw noText(o, `holds ${column.type ?? 'nested'} values`);
}

function noText(o: ColumnRequest, why: string): FormatError {
  return new FormatError(
    `${o.what}: the column ${quote(o.field)} ${why}, not text; choose the column that holds the text`,
  );
}

/** The bytes of one column of one row group, its page headers checked: the reader believes what they say
 *  and would fill arrays of any length. */
async function readChunk(
  blob: Blob,
  group: FileMetaData['row_groups'][number],
  { field, what, rows }: ColumnRequest & { rows: number },
): Promise<Chunk> {
  const column = group.columns.find(({ meta_data: m }) => m?.path_in_schema.join('.') === field);
  const facts = column?.meta_data;
  if (facts === undefined) throw new Error(`no column ${field}`);
  if (!Number.isInteger(rows) || rows < 0 || rows > MOST_ROWS) throw new Error(`${rows} rows`);
  const data = Number(facts.data_page_offset);
  const dictionary = Number(facts.dictionary_page_offset ?? 0n);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const size = Number(facts.total_compressed_size);
  if (!(start >= 4 && size > 0 && size <= LARGEST_CHUNK && start + size <= blob.size)) {
    throw new Error(`${size} bytes at ${start} of ${blob.size}`);
  }
  const bytes = (await readRange(blob, start, start + size, what)).buffer;
  checkPages(bytes, rows);
  return { start, bytes };
}

function checkPages(bytes: ArrayBuffer, rows: number): void {
  const reader = { view: new DataView(bytes), offset: 0 };
  let unpacked = 0;
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const { compressed_page_size: packed, uncompressed_page_size: size } = header;
    if (!(packed >= 0 && reader.offset + packed <= bytes.byteLength)) {
      throw new Error(`a page of ${packed} bytes beyond its row group`);
    }
    unpacked += size;
    if (!(size >= 0 && unpacked <= LARGEST_CHUNK)) throw new Error(`a page of ${size} bytes`);
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: words } = header;
    const values = (v1 ?? v2)?.num_values ?? 0;
    if (!(values >= 0 && values <= rows)) throw new Error(`a page of ${values} values`);
    const entries = words?.num_values ?? 0;
    // Each entry has at least its length before it.
    if (!(entries >= 0 && entries * 4 <= size)) throw new Error(`a dictionary of ${entries}`);
    reader.offset += packed;
  }
}

async function readRows(
  blob: Blob,
  o: ColumnRequest & { metadata: FileMetaData; rowStart: number; rows: number; chunk: Chunk },
): Promise<unknown[]> {
  let table: unknown[][] = [];
  await parquetRead({
    file: bufferOf(blob, o.chunk, o.what),
    metadata: o.metadata,
    columns: [o.field],
    rowStart: o.rowStart,
    rowEnd: o.rowStart + o.rows,
    compressors: COMPRESSORS,
    onComplete: (found: unknown[][]) => {
      table = found;
    },
  });
  if (table.length !== o.rows) throw new Error(`${table.length} rows of ${o.rows}`);
  return table.map(([text]) => text);
}
