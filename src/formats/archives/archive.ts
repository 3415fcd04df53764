// Small bundles of files as one zip and back: what a user downloads and drops. Checkpoints are
// not read here: they stay in place (zip.ts).
import { zipSync } from 'fflate';
import { FormatError } from '../../core/errors';
import { cut, quote } from './byteRange';
import type { DroppedFile } from '../model/nanochatFolder';
import { readZipDirectory } from './zip';
import type { ZipEntry } from './zip';

/** Inflated bytes of all entries together. */
const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;
/** No deflate stream gives more than 1032 bytes for one (a copy of 258 for two bits). */
const MAX_RATIO = 1032;
/** The earliest date a zip can hold: equal content gives equal bytes. */
const MODIFIED = new Date(1980, 0, 1);

/** A stored zip: weights do not compress, and stored entries can be read in place. */
export function zipFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return zipSync(Object.fromEntries(files), {
    level: 0,
    mtime: MODIFIED,
  });
}

export type UnzipOptions = {
  /** inflated bytes of all wanted entries together */
  maxBytes?: number;
  /** Bytes that an entry of this path may have at most; null: it is not wanted, and not unpacked. */
  limitOf?: (path: string) => number | null;
};

/** The wanted files of a dropped zip, stored ones as ranges of it, deflated ones inflated. Names, sizes
 *  and ratios are checked before anything is inflated. Throws FormatError for a broken or hostile zip,
 *  or one that would inflate beyond its limits. */
export async function unzipFiles(
  blob: Blob,
  fileName: string,
  { maxBytes = MAX_INFLATED_BYTES, limitOf = () => Infinity }: UnzipOptions = {},
): Promise<DroppedFile[]> {
  const all = [...(await readZipDirectory(blob, fileName, { allowDeflate: true })).values()];
  const entries = all.filter((entry) => limitOf(entry.path) !== null);
  const inflated = entries.reduce((sum, e) => sum + (e.isDeflated ? e.size : 0), 0);
  if (inflated > maxBytes) {
    throw new FormatError(
      `${fileName}: its entries inflate to ${inflated} bytes; at most ${maxBytes} are unpacked here, unpack it first and drop the files`,
    );
  }
  for (const entry of entries) checkSize(entry, limitOf(entry.path) ?? 0, fileName);
  const files: DroppedFile[] = [];
  for (const entry of entries) {
    const content = entry.isDeflated
      ? await inflate(blob, entry, fileName)
      : blob.slice(entry.start, entry.end);
    files.push({ path: entry.path, blob: content });
  }
  return files;
}

function checkSize(entry: ZipEntry, limit: number, fileName: string): void {
  const packed = entry.end - entry.start;
  if (entry.size > MAX_RATIO * packed) {
    throw refusedEntry(
      entry,
      fileName,
      `cannot inflate from ${packed} bytes to the ${entry.size} announced`,
    );
  }
  if (entry.size <= limit) return;
  throw new FormatError(
    `${fileName}: zip entry ${quote(entry.path)} has ${entry.size} bytes; a file of that name has at most ${limit}`,
  );
}

function refusedEntry(entry: ZipEntry, fileName: string, what: string): FormatError {
  return new FormatError(
    `${fileName}: zip entry ${quote(entry.path)} ${what}; copy or download the file again`,
  );
}

/** A drop in which every .zip is replaced by the wanted files in it; archives inside archives stay shut. */
export async function expandArchives(
  files: readonly DroppedFile[],
  o: UnzipOptions = {},
): Promise<DroppedFile[]> {
  const expanded: DroppedFile[] = [];
  for (const file of files) {
    if (/\.zip$/i.test(file.path)) expanded.push(...(await unzipFiles(file.blob, file.path, o)));
    else expanded.push(file);
  }
  return expanded;
}

/** Inflates piece by piece and stops at the first byte beyond the announced size. */
async function inflate(blob: Blob, entry: ZipEntry, fileName: string): Promise<Blob> {
  const stream = blob
    .slice(entry.start, entry.end)
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.length;
      if (length > entry.size) break;
      pieces.push(next.value);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refusedEntry(entry, fileName, `does not inflate (${cut(why)})`);
  } finally {
    // A stream that failed refuses this too; its error is thrown above.
    await reader.cancel().catch(() => undefined);
  }
  if (length === entry.size) return new Blob(pieces);
  const more = length > entry.size ? 'more bytes than' : `${length} bytes, not`;
  throw refusedEntry(entry, fileName, `inflates to ${more} the ${entry.size} announced`);
}
