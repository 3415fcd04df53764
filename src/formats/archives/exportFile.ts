// Files of an export, made one after the other, so that a large one never lies in memory whole: gathered into a zip,
// or written to a folder by whoever can.
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

export type ExportFile = { path: string; bytes: Uint8Array<ArrayBuffer> };
export type ExportFiles = AsyncIterable<ExportFile>;

/** Bytes of a zip that are handed to a Blob together: browsers keep large Blobs on disk. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** The earliest date a zip can hold: equal content gives equal bytes. */
const MODIFIED = new Date(1980, 0, 1);
/** Weights, gzipped files, pictures and recordings do not become smaller. */
const PACKED = /\.(safetensors|npy|gz|png|jpe?g|gif|webp|mp3|ogg)$/i;

/** Also from a Map of a few files. */
export async function* filesOf(
  files: Iterable<readonly [string, Uint8Array<ArrayBuffer>]>,
): AsyncGenerator<ExportFile> {
  for (const [path, bytes] of files) yield await Promise.resolve({ path, bytes });
}

export function jsonFile(path: string, value: object): ExportFile {
  return { path, bytes: new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`) };
}

export function textFile(path: string, text: string): ExportFile {
  return { path, bytes: new TextEncoder().encode(text) };
}

export async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Throws what `files` throws. */
export async function zipOf(files: ExportFiles): Promise<Blob> {
  const pieces: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const flush = () => {
    pieces.push(new Blob(waiting));
    [waiting, bytes] = [[], 0];
  };
  const failed = new AbortController();
  const zip = new Zip((cause, chunk) => {
    if (cause !== null) failed.abort(cause);
    waiting.push(chunk.slice());
    bytes += chunk.length;
    if (bytes >= PIECE_BYTES) flush();
  });
  for await (const { path, bytes: content } of files) {
    const entry = PACKED.test(path) ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 6 });
    entry.mtime = MODIFIED;
    zip.add(entry);
    entry.push(content, true);
    failed.signal.throwIfAborted();
  }
  zip.end();
  flush();
  return new Blob(pieces, { type: 'application/zip' });
}
