// Reads byte ranges: the only place in `formats` that touches a Blob's content. Nothing here reads a
// file whole unless asked for its whole range.
import { cutCharacters } from '../../core/text/cutCharacters';
import { bf16ToF32, f16ToF32 } from '../../core/numeric/float16';
import { FormatError } from '../../core/errors';
import type { TensorDtype } from '../../core/model/nanochat';

export const DTYPE_BYTES: Readonly<Record<TensorDtype, number>> = { f32: 4, f16: 2, bf16: 2 };

/** Bytes [start, end) of a file in a buffer of their own (so that a typed array may lie on them).
 *  Throws FormatError where the range leaves the file or the file cannot be read any more. */
export async function readRange(
  blob: Blob,
  start: number,
  end: number,
  fileName: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(start >= 0 && start <= end && end <= blob.size)) {
    throw new FormatError(
      `${fileName}: bytes ${start} to ${end} are needed, but the file ends at ${blob.size}; it was cut off, copy it again`,
    );
  }
  let buffer: ArrayBuffer;
  try {
    buffer = await blob.slice(start, end).arrayBuffer();
  } catch (cause) {
    throw new FormatError(
      `${fileName}: could not be read (${cause instanceof Error ? cause.message : String(cause)}); it may have been changed or moved, choose it again`,
      { cause },
    );
  }
  if (buffer.byteLength !== end - start) {
    throw new FormatError(
      `${fileName}: ${buffer.byteLength} of ${end - start} bytes came back; it changed while it was read, choose it again`,
    );
  }
  return new Uint8Array(buffer);
}

/** Little-endian elements in a buffer of their own → f32. */
export function widenToF32(bytes: Uint8Array<ArrayBuffer>, dtype: TensorDtype): Float32Array {
  switch (dtype) {
    case 'f32':
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    case 'f16':
      return f16ToF32(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2));
    case 'bf16':
      return bf16ToF32(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2));
    default:
      return dtype satisfies never;
  }
}

/** A library's error message about a hostile file, shortened: it may quote the file at length. */
export function cut(message: string): string {
  return message.length > 300 ? `${cutCharacters(message, 300)}…` : message;
}

/** Throws FormatError unless [from, to) lies within a tensor of `elements` values. */
export function checkPart(
  from: number,
  to: number,
  elements: number,
  name: string,
  fileName: string,
): void {
  if (from >= 0 && from <= to && to <= elements) return;
  throw new FormatError(
    `${fileName}: ${quote(name)}: values ${from} to ${to} were requested of ${elements}; the checkpoint does not fit its configuration`,
  );
}

/** Text from a hostile file, shortened and quoted for an error message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${cutCharacters(text, 80)}…` : text);
}

/** How a file begins that Git LFS left in the place of a large one (git-lfs/docs/spec.md). */
export const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

export function lfsPointer(fileName: string): FormatError {
  return new FormatError(
    `${fileName}: this is a Git LFS pointer, not the file itself; run "git lfs pull" in its repository, or download the file`,
  );
}

/** Throws FormatError for an empty file, a Git LFS pointer and a web page saved in the place of a download:
 *  what else is wrong with such a file is not worth a sentence. */
export async function refusePlaceholder(blob: Blob, fileName: string): Promise<void> {
  if (blob.size === 0) {
    throw new FormatError(`${fileName}: the file is empty (0 bytes); copy or download it again`);
  }
  const head = new TextDecoder('latin1').decode(
    await readRange(blob, 0, Math.min(blob.size, 64), fileName),
  );
  if (head.startsWith(LFS_POINTER)) throw lfsPointer(fileName);
  if (/^\s*<(!doctype|html)/i.test(head)) {
    throw new FormatError(
      `${fileName}: this is a web page, not the file; download the file itself (often the "raw" or "resolve" link)`,
    );
  }
}
