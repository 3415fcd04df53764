// The entries of a zip or zip64 file as byte ranges, read from its directory: never the file itself.
// Knows nothing of what the entries mean. Layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.
import { FormatError } from '../../core/errors';
import { quote, readRange, refusePlaceholder } from './byteRange';
import { findZipDirectory, readView, safeU64 } from './zipEnd';

export type ZipEntry = {
  path: string;
  /** bytes [start, end) of the entry's data as it lies in the file */
  start: number;
  end: number;
  /** length once inflated; end − start where stored */
  size: number;
  isDeflated: boolean;
};

export type ZipOptions = {
  /** whether compressed entries are accepted: not in checkpoints, whose tensors must be byte ranges */
  allowDeflate?: boolean;
};

const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** how many local headers are read at once */
const HEADER_BATCH = 32;

/** Entries by path, folders left out. Throws FormatError for anything but a whole, plain zip file whose
 *  entries are stored (or deflated, if allowed), unencrypted, distinct in name and do not overlap. */
export async function readZipDirectory(
  blob: Blob,
  fileName: string,
  o: ZipOptions = {},
): Promise<Map<string, ZipEntry>> {
  await checkSignature(blob, fileName);
  const directory = await findZipDirectory(blob, fileName);
  const bytes = await readRange(blob, directory.start, directory.end, fileName);
  const central = parseCentral(bytes, directory.count, fileName);
  for (const entry of central) checkEntry(entry, fileName, o.allowDeflate === true);
  const entries = await locateData(blob, central, directory.start, fileName);
  return new Map(entries.filter((e) => !e.path.endsWith('/')).map((e) => [e.path, e]));
}

async function checkSignature(blob: Blob, fileName: string): Promise<void> {
  await refusePlaceholder(blob, fileName);
  const head = await readRange(blob, 0, Math.min(4, blob.size), fileName);
  const isZip = head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
  if (isZip) return;
  // A bare pickle: what torch.save wrote before PyTorch 1.6, and with _use_new_zipfile_serialization=False.
  if (head[0] === 0x80 && head[1]! <= 5) {
    throw new FormatError(
      `${fileName}: a pickle without a zip around it, as torch.save wrote before PyTorch 1.6; load it with torch.load and save it again with torch.save`,
    );
  }
  const hex = Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new FormatError(
    `${fileName}: not a zip file, which files of torch.save are (it begins with ${hex}, not 50 4b 03 04); copy or download it again`,
  );
}

type CentralEntry = {
  path: string;
  flags: number;
  method: number;
  packed: number;
  size: number;
  headerAt: number;
};

function parseCentral(bytes: Uint8Array, count: number, fileName: string): CentralEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (index: number) =>
    new FormatError(
      `${fileName}: entry ${index} of ${count} in the zip directory is damaged; copy or download the file again`,
    );
  const entries: CentralEntry[] = [];
  const seen = new Set<string>();
  let offset = 0;
  for (let index = 0; index < count; index++) {
    if (offset + CENTRAL_BYTES > bytes.length || view.getUint32(offset, true) !== 0x02014b50) {
      throw damaged(index);
    }
    const nameLength = view.getUint16(offset + 28, true);
    const extraLength = view.getUint16(offset + 30, true);
    const extraAt = offset + CENTRAL_BYTES + nameLength;
    const next = extraAt + extraLength + view.getUint16(offset + 32, true);
    if (next > bytes.length) throw damaged(index);
    const path = entryName(bytes.subarray(offset + CENTRAL_BYTES, extraAt));
    const wide = path === null ? null : wideFields(view, offset, extraAt, extraLength);
    if (path === null || wide === null) throw damaged(index);
    if (seen.has(path)) {
      throw new FormatError(
        `${fileName}: two zip entries are named ${quote(path)}; save the checkpoint again with torch.save`,
      );
    }
    seen.add(path);
    entries.push({
      path,
      flags: view.getUint16(offset + 8, true),
      method: view.getUint16(offset + 10, true),
      ...wide,
    });
    offset = next;
  }
  if (offset !== bytes.length) throw damaged(count);
  return entries;
}

function entryName(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Sizes and offset, taken from the zip64 extra field (id 1) where the 32-bit field is all ones. */
function wideFields(view: DataView, offset: number, extraAt: number, extraLength: number) {
  const extra = zip64Extra(view, extraAt, extraLength);
  let used = 0;
  const take = (short: number): number | null => {
    if (short !== 0xffffffff) return short;
    if (extra === null || used + 8 > extra.byteLength) return null;
    used += 8;
    return safeU64(extra, used - 8);
  };
  // The order of the extra field: size, packed size, offset (APPNOTE 4.5.3).
  const size = take(view.getUint32(offset + 24, true));
  const packed = take(view.getUint32(offset + 20, true));
  const headerAt = take(view.getUint32(offset + 42, true));
  return size === null || packed === null || headerAt === null ? null : { size, packed, headerAt };
}

function zip64Extra(view: DataView, start: number, length: number): DataView | null {
  for (let offset = start; offset + 4 <= start + length;) {
    const fieldLength = view.getUint16(offset + 2, true);
    if (offset + 4 + fieldLength > start + length) return null;
    if (view.getUint16(offset, true) === 1) {
      return new DataView(view.buffer, view.byteOffset + offset + 4, fieldLength);
    }
    offset += 4 + fieldLength;
  }
  return null;
}

function checkEntry(entry: CentralEntry, fileName: string, allowDeflate: boolean): void {
  const name = `${fileName}: zip entry ${quote(entry.path)}`;
  // Bits 0, 6 and 13: encrypted, strongly encrypted, masked headers.
  if ((entry.flags & 0x2041) !== 0) {
    throw new FormatError(`${name} is encrypted; unpack it with its password first`);
  }
  if (entry.method !== 0 && !(allowDeflate && entry.method === 8)) {
    throw new FormatError(
      `${name} is compressed (method ${entry.method}); only stored entries can be read in place, save it again with torch.save or unpack it`,
    );
  }
  if (entry.method === 0 && entry.packed !== entry.size) {
    throw new FormatError(
      `${name} is stored in ${entry.packed} bytes but said to hold ${entry.size}; copy or download the file again`,
    );
  }
}

/** Where each entry's data starts: only the local header says so, because its extra field may hold
 *  padding. */
async function locateData(
  blob: Blob,
  central: readonly CentralEntry[],
  directoryAt: number,
  fileName: string,
): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (let from = 0; from < central.length; from += HEADER_BATCH) {
    const batch = central.slice(from, from + HEADER_BATCH);
    entries.push(...(await Promise.all(batch.map((e) => locateEntry(blob, e, fileName)))));
  }
  checkOverlap(central, entries, directoryAt, fileName);
  return entries;
}

async function locateEntry(blob: Blob, entry: CentralEntry, fileName: string): Promise<ZipEntry> {
  const header = await readView(blob, entry.headerAt, LOCAL_BYTES, fileName);
  if (header.getUint32(0, true) !== 0x04034b50 || header.getUint16(8, true) !== entry.method) {
    throw new FormatError(
      `${fileName}: no header of zip entry ${quote(entry.path)} at byte ${entry.headerAt}; copy or download the file again`,
    );
  }
  const start =
    entry.headerAt + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  return {
    path: entry.path,
    start,
    end: start + entry.packed,
    size: entry.size,
    isDeflated: entry.method === 8,
  };
}

function checkOverlap(
  central: readonly CentralEntry[],
  entries: readonly ZipEntry[],
  directoryAt: number,
  fileName: string,
): void {
  const order = central
    .map((_, i) => i)
    .sort((a, b) => central[a]!.headerAt - central[b]!.headerAt);
  order.forEach((index, place) => {
    const next = order[place + 1];
    const limit = next === undefined ? directoryAt : central[next]!.headerAt;
    const entry = entries[index]!;
    if (entry.end <= limit) return;
    throw new FormatError(
      `${fileName}: zip entry ${quote(entry.path)} ends at byte ${entry.end} but ${next === undefined ? 'the directory' : quote(entries[next]!.path)} begins at ${limit}; overlapping entries are refused, save the checkpoint again`,
    );
  });
}
