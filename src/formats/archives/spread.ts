// A sample of a file that is too large to be read whole: pieces of equal size, evenly spread, cut at line
// starts, so that they represent the file. Reads a few bytes at each border; knows no text format.
import { readRange } from './byteRange';

/** Approximate bytes of a piece. */
const PIECE = 2 ** 20;
const PORTION = 2 ** 16;
const NEWLINE = 0x0a;

/** The pieces that make up `share` (0 to 1) of the file, in order, never overlapping. longestLine: how
 *  far to search for a line end; if there is none, `isCut` lines are cut at a character, otherwise the
 *  piece is skipped. */
export async function* spreadPieces(
  blob: Blob,
  o: { share: number; what: string; longestLine: number; isCut: boolean },
): AsyncGenerator<{ from: number; piece: Blob }> {
  const wanted = blob.size * o.share;
  const count = Math.max(1, Math.ceil(wanted / PIECE));
  for (let i = 0; i < count; i++) {
    const start = Math.floor((i * blob.size) / count);
    const from = await lineStart(blob, start, o);
    const to = await lineStart(blob, Math.floor(start + wanted / count), o);
    if (to > from) yield { from, piece: blob.slice(from, to) };
  }
}

/** The first line start at or after a byte, or the end of the file. */
async function lineStart(
  blob: Blob,
  at: number,
  o: { what: string; longestLine: number; isCut: boolean },
): Promise<number> {
  if (at <= 0) return 0;
  const limit = Math.min(blob.size, at + o.longestLine);
  for (let from = at - 1; from < limit; from += PORTION) {
    const bytes = await readRange(blob, from, Math.min(limit, from + PORTION), o.what);
    const found = bytes.indexOf(NEWLINE);
    if (found >= 0) return from + found + 1;
  }
  if (!o.isCut || limit === blob.size) return blob.size;
  // A UTF-8 character has at most three bytes after its first.
  const bytes = await readRange(blob, at, Math.min(blob.size, at + 4), o.what);
  return (
    at +
    Math.max(
      0,
      bytes.findIndex((byte) => (byte & 0xc0) !== 0x80),
    )
  );
}
