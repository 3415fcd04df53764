// Small bundles of files as one zip and back: what a user downloads, and what he drops. Checkpoints are
// not read here: they stay in place (zip.ts).
import { inflateSync, zipSync } from 'fflate';
import { FormatError } from '../../core/errors';
import { quote, readRange } from './byteRange';
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

/** The files of a dropped zip, stored ones as ranges of it, deflated ones inflated.
 *  Throws FormatError for a broken or hostile zip, or one that inflates beyond maxBytes. */
export async function unzipFiles(
  blob: Blob,
  fileName: string,
  maxBytes = MAX_INFLATED_BYTES,
): Promise<DroppedFile[]> {
  const entries = [...(await readZipDirectory(blob, fileName, { allowDeflate: true })).values()];
  const inflated = entries.reduce((sum, e) => sum + (e.isDeflated ? e.size : 0), 0);
  if (inflated > maxBytes) {
    throw new FormatError(
      `${fileName}: its entries inflate to ${inflated} bytes; at most ${maxBytes} are unpacked here, unpack it first and drop the files`,
    );
  }
  const files: DroppedFile[] = [];
  for (const entry of entries) {
    const content = entry.isDeflated
      ? await inflate(blob, entry, fileName)
      : blob.slice(entry.start, entry.end);
    files.push({ path: entry.path, blob: content });
  }
  return files;
}

/** A drop in which every .zip is replaced by the files in it; archives inside archives stay shut. */
export async function expandArchives(files: readonly DroppedFile[]): Promise<DroppedFile[]> {
  const expanded: DroppedFile[] = [];
  for (const file of files) {
    if (/\.zip$/i.test(file.path)) expanded.push(...(await unzipFiles(file.blob, file.path)));
    else expanded.push(file);
  }
  return expanded;
}

async function inflate(blob: Blob, entry: ZipEntry, fileName: string): Promise<Blob> {
  const packed = await readRange(blob, entry.start, entry.end, fileName);
  const refused = (what: string) =>
    new FormatError(
      `${fileName}: zip entry ${quote(entry.path)} ${what}; copy or download the file again`,
    );
  if (entry.size > MAX_RATIO * packed.length) {
    throw refused(`cannot inflate from ${packed.length} bytes to the ${entry.size} announced`);
  }
  // One byte of room more than announced shows an entry that inflates further.
  const out = new Uint8Array(entry.size + 1);
  let length: number;
  try {
    length = inflateSync(packed, { out }).length;
  } catch (cause) {
    throw refused(`does not inflate (${cause instanceof Error ? cause.message : ''})`);
  }
  if (length !== entry.size) {
    throw refused(`inflates to ${length} bytes or more, ${entry.size} are announced`);
  }
  return new Blob([out.subarray(0, entry.size)]);
}
