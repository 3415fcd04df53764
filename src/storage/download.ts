// Downloads one file in pieces that outlive the tab: a stopped download continues where it was (Range); if
// the server has no Range or the file changed, it starts again and says so. It does not know what the file
// is.
import * as v from 'valibot';
import type { PieceStore } from './pieceStore';
import { checkStatus, DownloadError, lengthOf, request, versionOf } from './request';
import type { RequestOptions } from './request';

export type RemoteFile = {
  path: string;
  url: string;
  /** bytes, as listed; null if the listing gives no size */
  size: number | null;
  /** ETag, date or hash, as listed */
  version: string | null;
};

export type DownloadOptions = RequestOptions & {
  store: PieceStore;
  /** bytes of this file that are stored, including those of earlier visits */
  onBytes?: (done: number) => void;
  /** a sentence that the user should see */
  onNotice?: (text: string) => void;
  /** bytes of a stored piece; a killed tab loses at most one */
  pieceBytes?: number;
};

/** The stored part of one file. `served` is the version as the server itself reported it. */
const FileRecord = v.object({
  size: v.nullable(v.number()),
  version: v.nullable(v.string()),
  served: v.nullable(v.string()),
  pieces: v.array(v.number()),
  isWhole: v.boolean(),
});
type FileRecord = v.InferOutput<typeof FileRecord>;

/** One that cannot be read is as good as none: the file is fetched again. */
async function getFileRecord(file: RemoteFile, store: PieceStore): Promise<FileRecord | undefined> {
  const parsed = v.safeParse(FileRecord, await store.get(recordKey(file)));
  return parsed.success ? parsed.output : undefined;
}

const PIECE_BYTES = 4 * 1024 * 1024;

/** The whole file, as a Blob over the stored pieces. Throws DownloadError, StorageFullError, or the signal's
 *  reason; the stored part is kept in each case. */
export async function downloadFile(file: RemoteFile, o: DownloadOptions): Promise<Blob> {
  let record = await openRecord(file, o);
  // A restart can be needed once: the second request asks for the whole file.
  for (let attempt = 0; attempt < 2 && !record.isWhole; attempt++) {
    const answer = await ask(file, record, o);
    if (answer.kind === 'restart') {
      o.onNotice?.(answer.notice);
      record = await startOver(file, o);
      continue;
    }
    await receive(file, record, answer, o);
  }
  return assemble(file, record, o);
}

/** Bytes of a file that are already stored. */
export async function downloadedBytes(file: RemoteFile, store: PieceStore): Promise<number> {
  const record = await getFileRecord(file, store);
  return record === undefined || isOther(file, record) ? 0 : bytesOf(record);
}

export async function isDownloaded(file: RemoteFile, store: PieceStore): Promise<boolean> {
  const record = await getFileRecord(file, store);
  return record?.isWhole === true && !isOther(file, record);
}

export async function forgetFile(file: RemoteFile, store: PieceStore): Promise<void> {
  await store.delete([recordKey(file), ...(await store.keys(pieceKey(file, '')))]);
}

const recordKey = (file: RemoteFile) => `file ${file.url}`;
const pieceKey = (file: RemoteFile, start: number | '') => `piece ${file.url} ${start}`;

function bytesOf(record: FileRecord): number {
  return record.pieces.reduce((sum, length) => sum + length, 0);
}

function isOther(file: RemoteFile, record: FileRecord): boolean {
  const hasSizes = file.size !== null && record.size !== null && !isCompressible(file);
  const isOtherSize = hasSizes && file.size !== record.size;
  return isOtherSize || (file.version !== null && file.version !== record.version);
}

async function openRecord(file: RemoteFile, o: DownloadOptions): Promise<FileRecord> {
  const record = await getFileRecord(file, o.store);
  if (record === undefined) return startOver(file, o);
  if (isOther(file, record)) {
    o.onNotice?.(`${file.path} changed on the server since its download began: it starts again.`);
    return startOver(file, o);
  }
  const sound = await countSoundPieces(file, record, o.store);
  if (sound === record.pieces.length) return record;
  return { ...record, pieces: record.pieces.slice(0, sound), isWhole: false };
}

/** Leading pieces that are stored with the right length: another tab or the browser may have deleted some. */
async function countSoundPieces(file: RemoteFile, record: FileRecord, store: PieceStore) {
  let start = 0;
  for (const [i, length] of record.pieces.entries()) {
    const piece = await store.get(pieceKey(file, start));
    if (!(piece instanceof Blob) || piece.size !== length) return i;
    start += length;
  }
  return record.pieces.length;
}

async function startOver(file: RemoteFile, o: DownloadOptions): Promise<FileRecord> {
  await forgetFile(file, o.store);
  o.onBytes?.(0);
  const { size, version } = file;
  return { size, version, served: null, pieces: [], isWhole: false };
}

type Answer = { kind: 'body'; response: Response } | { kind: 'restart'; notice: string };

async function ask(file: RemoteFile, record: FileRecord, o: DownloadOptions): Promise<Answer> {
  const from = bytesOf(record);
  const headers = from === 0 ? {} : { Range: `bytes=${from}-` };
  // The browser's cache could return a stale part of the file.
  const response = await request(file.url, { headers, cache: 'no-store' }, o);
  const changed = `${file.path} changed on the server since its download began: it starts again.`;
  if (from > 0 && response.status === 416) return drop(response, changed);
  checkStatus(response, file.path);
  const served = versionOf(response);
  if (from > 0 && response.status !== 206) {
    const isChanged = record.served !== null && served !== null && served !== record.served;
    const notice = `${new URL(file.url).host} cannot continue in the middle of a file (no Range): ${file.path} starts again.`;
    return drop(response, isChanged ? changed : notice);
  }
  const length = lengthOf(response);
  const total = length === null ? null : from + length;
  const isOtherVersion = record.served !== null && served !== null && record.served !== served;
  const isOtherSize = total !== null && record.size !== null && total !== record.size;
  if (from > 0 && (isOtherVersion || isOtherSize || startOf(response) !== from)) {
    return startOf(response) === null && !isOtherVersion && !isOtherSize
      ? { kind: 'body', response }
      : drop(response, changed);
  }
  record.served ??= served;
  if (isOtherSize && !isCompressible(file)) {
    await response.body?.cancel();
    throw wrongLength(file, record.size, total);
  }
  record.size ??= isCompressible(file) ? null : total;
  return { kind: 'body', response };
}

async function drop(response: Response, notice: string): Promise<Answer> {
  await response.body?.cancel();
  return { kind: 'restart', notice };
}

/** First byte by Content-Range; null if the server does not let a page see it. */
function startOf(response: Response): number | null {
  const start = /^bytes (\d+)-/.exec(response.headers.get('Content-Range') ?? '')?.[1];
  return start === undefined ? null : Number(start);
}

/** Text may be compressed in transit: then Content-Length does not count the bytes that arrive. */
function isCompressible(file: RemoteFile): boolean {
  return file.path.endsWith('.json');
}

async function receive(
  file: RemoteFile,
  record: FileRecord,
  answer: Extract<Answer, { kind: 'body' }>,
  o: DownloadOptions,
): Promise<void> {
  const keep = makeKeeper(file, record, o);
  const reader = answer.response.body?.getReader();
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      await keep.add(part.value);
      if (record.size !== null && keep.done() > record.size && !isCompressible(file)) {
        await reader?.cancel();
        throw wrongLength(file, record.size, keep.done());
      }
    }
  } catch (cause) {
    await keep.flush();
    o.signal?.throwIfAborted();
    if (cause instanceof DownloadError || !(cause instanceof TypeError)) throw cause;
    throw endedEarly(file, record, keep.done(), cause);
  }
  await keep.flush();
  const isShort = record.size !== null && keep.done() < record.size && !isCompressible(file);
  if (isShort) throw endedEarly(file, record, keep.done());
  record.size = keep.done();
  record.isWhole = true;
  await o.store.set(recordKey(file), record);
}

/** Collects the stream into pieces; each is stored before the record that counts it. */
function makeKeeper(file: RemoteFile, record: FileRecord, o: DownloadOptions) {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  let stored = bytesOf(record);
  const flush = async () => {
    if (waiting === 0) return;
    const piece = new Blob(parts);
    parts = [];
    waiting = 0;
    await o.store.set(pieceKey(file, stored), piece);
    record.pieces.push(piece.size);
    stored += piece.size;
    await o.store.set(recordKey(file), record);
  };
  return {
    flush,
    done: () => stored + waiting,
    async add(part: Uint8Array<ArrayBuffer>) {
      parts.push(part);
      waiting += part.byteLength;
      o.onBytes?.(stored + waiting);
      if (waiting >= (o.pieceBytes ?? PIECE_BYTES)) await flush();
    },
  };
}

async function assemble(file: RemoteFile, record: FileRecord, o: DownloadOptions): Promise<Blob> {
  const pieces: Blob[] = [];
  let start = 0;
  for (const length of record.pieces) {
    const piece = await o.store.get(pieceKey(file, start));
    if (!(piece instanceof Blob) || piece.size !== length) {
      throw new DownloadError(
        `${file.path}: bytes ${start} to ${start + length} are no longer in storage.`,
        'Press Download again: only what is missing is fetched.',
      );
    }
    pieces.push(piece);
    start += length;
  }
  o.onBytes?.(start);
  return new Blob(pieces);
}

function endedEarly(file: RemoteFile, record: FileRecord, done: number, cause?: unknown) {
  return new DownloadError(
    `${file.path}: the connection ended after ${done} of ${record.size ?? 'unknown'} bytes.`,
    'What arrived is kept. Press Download again to continue from there.',
    { cause },
  );
}

function wrongLength(
  file: RemoteFile,
  expected: number | null,
  found: number | null,
): DownloadError {
  return new DownloadError(
    `${file.path}: the server sends ${found ?? 'other'} bytes, but the listing says ${expected ?? 'none'}.`,
    'List the files again: this one was changed, or the listing is wrong.',
  );
}
