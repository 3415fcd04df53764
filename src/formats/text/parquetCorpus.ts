// One text column of a Parquet file, row group by row group: nanochat's shards (zstd, column "text") and
// other files with flat string columns. Holds one row group at a time, never the whole file.
import { parquetMetadata, parquetRead, parquetSchema, type FileMetaData } from 'hyparquet';
import { FormatError } from '../../core/errors';
import { quote, readRange, refusePlaceholder } from '../archives/byteRange';
import type { DocumentSink } from './corpus';
import { checkPages, LARGEST_CHUNK, UnreadParquetError, type CheckedPages } from './parquetPages';
import { endOfThriftStruct } from './parquetThrift';

const LARGEST_FOOTER = 32 * 2 ** 20;
const MOST_ROWS = 4_000_000;
/** most fields in a footer: a hundred columns in a thousand row groups need half as many */
const MOST_FIELDS = 4_000_000;

/** Unpacked bytes of a column, according to the file's footer. Throws as readParquetColumn does. */
export async function parquetTextBytes(
  blob: Blob,
  o: { field: string; what: string },
): Promise<number> {
  const metadata = await guarded(o.what, () => readFooter(blob, o.what));
  return guarded(o.what, () => {
    findColumn(metadata, o);
    return metadata.row_groups
      .flatMap(({ columns }) => columns)
      .filter(({ meta_data: m }) => m?.path_in_schema.join('.') === o.field)
      .reduce((sum, { meta_data: m }) => sum + Number(m?.total_uncompressed_size ?? 0), 0);
  });
}

/** Feeds the texts of a column to `sink` until it has enough; nulls are left out. share: below 1, that
 *  fraction of the rows: whole row groups, evenly spread, and as many rows of each as needed. what:
 *  names the file in errors. onBytes: bytes of the file passed so far. Throws FormatError for a damaged
 *  file, and for a wrong field with the columns that it has. */
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
  const column = await guarded(o.what, () => findColumn(metadata, o));
  const groups = metadata.row_groups.length;
  const share = o.share ?? 1;
  const used = Math.ceil(groups * share);
  const chosen = new Set(Array.from({ length: used }, (_, i) => Math.floor((i * groups) / used)));
  for (const [index, group] of metadata.row_groups.entries()) {
    if (!chosen.has(index)) continue;
    const where = `${o.what}, row group ${index}`;
    if (Number(group.num_rows) === 0) continue;
    const texts = await guarded(where, async () => {
      const chunk = await readChunk(blob, group, { ...o, column });
      return readRows(chunk, column);
    });
    for (const text of texts.slice(0, Math.ceil((texts.length * share * groups) / used))) {
      if (text === null || text === undefined) {
        sink.skip();
        continue;
      }
      if (typeof text !== 'string') throw noText(o, `holds ${typeof text} values`);
      if (!sink.add(text)) return;
    }
    await o.onBytes(Math.round((blob.size * (index + 1)) / groups));
  }
}

/** Any error that the library throws on a damaged file is reported as damage of this file. */
async function guarded<T>(what: string, read: () => Promise<T> | T): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof UnreadParquetError) {
      throw new FormatError(
        `${what}: Parquet ${why}, which is not read; write it again with zstd and plain or dictionary pages`,
        { cause },
      );
    }
    throw new FormatError(`${what}: damaged or not Parquet (${why}); get this file again`, {
      cause,
    });
  }
}

async function readFooter(blob: Blob, what: string): Promise<FileMetaData> {
  if (blob.size < 12) {
    await refusePlaceholder(blob, what);
    throw new Error(`${blob.size} bytes`);
  }
  const tail = new DataView((await readRange(blob, blob.size - 8, blob.size, what)).buffer);
  // "PAR1" ends every Parquet file.
  if (tail.getUint32(4) !== 0x50415231) await refusePlaceholder(blob, what);
  const length = tail.getUint32(0, true);
  if (length > LARGEST_FOOTER || length > blob.size - 8) {
    throw new Error(`a footer of ${length} bytes`);
  }
  const footer = (await readRange(blob, blob.size - 8 - length, blob.size, what)).buffer;
  endOfThriftStruct(new DataView(footer), 0, length, MOST_FIELDS);
  return parquetMetadata(footer, { geoparquet: false });
}

type SchemaElement = FileMetaData['schema'][number];
type ColumnRequest = { field: string; what: string };

/** The top-level text column of that name. Throws FormatError listing the columns. */
function findColumn(metadata: FileMetaData, o: ColumnRequest): SchemaElement {
  const { children } = parquetSchema(metadata);
  const column = children.find(({ element }) => element.name === o.field);
  if (column === undefined) {
    const names = children.slice(0, 10).map(({ element }) => quote(element.name));
    throw new FormatError(
      `${o.what}: no column ${quote(o.field)} (its columns: ${names.join(', ')}); choose the column that holds the text`,
    );
  }
  const { type, repetition_type: repetition } = column.element;
  if (type !== 'BYTE_ARRAY' || column.children.length > 0) {
    throw noText(o, `holds ${quote(type ?? 'nested').slice(1, -1)} values`);
  }
  if (repetition === 'REPEATED') throw noText(o, 'holds lists');
  return column.element;
}

function noText(o: ColumnRequest, why: string): FormatError {
  return new FormatError(
    `${o.what}: the column ${quote(o.field)} ${why}, not text; choose the column that holds the text`,
  );
}

type Chunk = { bytes: ArrayBuffer; rows: number; codec: Codec; pages: CheckedPages };
type Codec = NonNullable<
  FileMetaData['row_groups'][number]['columns'][number]['meta_data']
>['codec'];

/** The bytes of one column of one row group, all its pages checked. */
async function readChunk(
  blob: Blob,
  group: FileMetaData['row_groups'][number],
  { field, what, column }: ColumnRequest & { column: SchemaElement },
): Promise<Chunk> {
  const found = group.columns.find(({ meta_data: m }) => m?.path_in_schema.join('.') === field);
  const facts = found?.meta_data;
  if (facts?.type !== 'BYTE_ARRAY') throw new Error(`no column ${field}`);
  const rows = Number(group.num_rows);
  if (!Number.isInteger(rows) || rows < 0 || rows > MOST_ROWS) throw new Error(`${rows} rows`);
  const data = Number(facts.data_page_offset);
  const dictionary = Number(facts.dictionary_page_offset ?? 0n);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const size = Number(facts.total_compressed_size);
  if (!(start >= 4 && size > 0 && size <= LARGEST_CHUNK && start + size <= blob.size)) {
    throw new Error(`${size} bytes at ${start} of ${blob.size}`);
  }
  const bytes = (await readRange(blob, start, start + size, what)).buffer;
  const isOptional = column.repetition_type !== 'REQUIRED';
  return {
    bytes,
    rows,
    codec: facts.codec,
    pages: checkPages(bytes, { rows, codec: facts.codec, isOptional }),
  };
}

/** The rows of a checked chunk. The decoder is given a file with only this chunk, described only by checked
 *  values, and its pages already unpacked. */
async function readRows(chunk: Chunk, column: SchemaElement): Promise<unknown[]> {
  const { bytes, rows, codec, pages } = chunk;
  let table: unknown[][] = [];
  await parquetRead({
    file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
    metadata: metadataOf(chunk, column),
    columns: [column.name],
    compressors: {
      [codec]: (packed: Uint8Array) => pages.unpacked.get(packed.byteOffset) ?? new Uint8Array(),
    },
    onComplete: (found: unknown[][]) => {
      table = found;
    },
  });
  const texts = table.map(([text]) => text);
  const nulls = texts.filter((text) => text === null || text === undefined).length;
  // An index beyond its dictionary also yields no text.
  if (texts.length !== rows || nulls !== pages.nulls) {
    throw new Error(`${texts.length - nulls} texts of ${rows - pages.nulls}`);
  }
  return texts;
}

function metadataOf({ bytes, rows, codec }: Chunk, column: SchemaElement): FileMetaData {
  const size = BigInt(bytes.byteLength);
  const facts = {
    type: 'BYTE_ARRAY' as const,
    encodings: [],
    path_in_schema: [column.name],
    codec,
    num_values: BigInt(rows),
    total_uncompressed_size: size,
    total_compressed_size: size,
    data_page_offset: 0n,
  };
  return {
    version: 1,
    schema: [{ name: 'schema', num_children: 1 }, column],
    num_rows: BigInt(rows),
    row_groups: [
      {
        columns: [{ file_offset: 0n, meta_data: facts }],
        total_byte_size: size,
        num_rows: BigInt(rows),
      },
    ],
    metadata_length: 0,
  };
}
