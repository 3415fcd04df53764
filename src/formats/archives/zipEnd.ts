// The last records of a zip file: where its directory lies, in 32 or 64 bits (PKWARE APPNOTE 6.3.10,
// 4.3.14–4.3.16). `zip` reads the directory itself.
import { FormatError } from '../../core/errors';
import { readRange } from './byteRange';

const MAX_ENTRIES = 65_536;
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const END64_BYTES = 56;
const LOCATOR64_BYTES = 20;

export type ZipDirectory = { start: number; end: number; count: number };

/** Throws FormatError where the end records are missing or contradict each other. */
export async function findZipDirectory(blob: Blob, fileName: string): Promise<ZipDirectory> {
  const tailStart = Math.max(0, blob.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await readRange(blob, tailStart, blob.size, fileName);
  const view = new DataView(tail.buffer);
  const offset = lastEndRecord(view);
  if (offset === null) {
    throw new FormatError(
      `${fileName}: the zip directory at the end of the file is missing (${blob.size} bytes are here); the file was cut off, copy or download it again`,
    );
  }
  const endAt = tailStart + offset;
  const record = {
    disk: view.getUint16(offset + 4, true),
    count: view.getUint16(offset + 10, true),
    size: view.getUint32(offset + 12, true),
    start: view.getUint32(offset + 16, true),
  };
  if (record.disk !== 0 && record.disk !== 0xffff) {
    throw new FormatError(
      `${fileName}: part ${record.disk + 1} of a zip split over several files; join them into one`,
    );
  }
  const locator = await readLocator64(blob, endAt, fileName);
  const isWide =
    record.count === 0xffff || record.size === 0xffffffff || record.start === 0xffffffff;
  if (locator === null && isWide) throw damagedEnd64(fileName);
  // torch writes zip64 records into small files too; there they repeat the 32-bit values.
  const directory =
    locator !== null
      ? await readEnd64(blob, locator, endAt - LOCATOR64_BYTES, fileName)
      : { start: record.start, end: record.start + record.size, count: record.count, limit: endAt };
  return checkDirectory(directory, fileName);
}

/** The end record whose comment ends exactly at the end of the file, searched backwards. */
function lastEndRecord(view: DataView): number | null {
  for (let offset = view.byteLength - END_BYTES; offset >= 0; offset--) {
    if (view.getUint32(offset, true) !== 0x06054b50) continue;
    if (offset + END_BYTES + view.getUint16(offset + 20, true) === view.byteLength) return offset;
  }
  return null;
}

/** The zip64 locator before the end record at endAt, or null if there is none. */
async function readLocator64(
  blob: Blob,
  endAt: number,
  fileName: string,
): Promise<DataView | null> {
  if (endAt < LOCATOR64_BYTES) return null;
  const locator = await readView(blob, endAt - LOCATOR64_BYTES, LOCATOR64_BYTES, fileName);
  return locator.getUint32(0, true) === 0x07064b50 ? locator : null;
}

async function readEnd64(
  blob: Blob,
  locator: DataView,
  locatorAt: number,
  fileName: string,
): Promise<ZipDirectory & { limit: number }> {
  const recordAt = safeU64(locator, 8);
  if (recordAt === null || recordAt + END64_BYTES > locatorAt) throw damagedEnd64(fileName);
  const record = await readView(blob, recordAt, END64_BYTES, fileName);
  const count = safeU64(record, 32);
  const size = safeU64(record, 40);
  const start = safeU64(record, 48);
  const isRecord = record.getUint32(0, true) === 0x06064b50;
  if (!isRecord || count === null || size === null || start === null) {
    throw damagedEnd64(fileName);
  }
  return { start, end: start + size, count, limit: recordAt };
}

function damagedEnd64(fileName: string): FormatError {
  return new FormatError(
    `${fileName}: its zip64 end record is damaged; copy or download the file again`,
  );
}

function checkDirectory(d: ZipDirectory & { limit: number }, fileName: string): ZipDirectory {
  if (d.end !== d.limit) {
    throw new FormatError(
      `${fileName}: the zip directory should end at byte ${d.limit} but is said to lie at ${d.start} to ${d.end}; bytes are missing or were added, copy or download the file again`,
    );
  }
  if (d.count > MAX_ENTRIES || d.end - d.start > MAX_DIRECTORY_BYTES) {
    throw new FormatError(
      `${fileName}: ${d.count} zip entries in a directory of ${d.end - d.start} bytes; at most ${MAX_ENTRIES} entries and ${MAX_DIRECTORY_BYTES} bytes are read`,
    );
  }
  return { start: d.start, end: d.end, count: d.count };
}

/** `length` bytes from `at`, in a buffer of their own. */
export async function readView(blob: Blob, offset: number, length: number, fileName: string) {
  return new DataView((await readRange(blob, offset, offset + length, fileName)).buffer);
}

/** A u64 that a double holds exactly, or null. */
export function safeU64(view: DataView, offset: number): number | null {
  const value = view.getBigUint64(offset, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}
