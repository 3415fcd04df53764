// Shared content as a link's payload (base64url of raw deflate) and as a file (gzip), both of the same JSON. Sizes are
// checked before and while anything is inflated.
import { FormatError } from '../../core/errors';
import {
  FILE_LIMITS,
  HARD_LINK,
  LINK_LIMITS,
  type SharedContent,
} from '../../core/share/sharedContent';
import { deflate, inflate } from '../archives/inflate';
import { formatShared, parseShared } from './sharedJson';

/** Bytes of a file before it is inflated. */
export const MAX_SHARED_FILE = 64 * 1024 * 1024;

const NAME = 'This link';

export async function packPayload(content: SharedContent): Promise<string> {
  const packed = await deflate(new TextEncoder().encode(formatShared(content)), 'deflate-raw');
  return toBase64Url(packed);
}

/** Throws FormatError, with a sentence that says what is wrong with the link. */
export async function unpackPayload(text: string): Promise<SharedContent> {
  if (text.length > HARD_LINK) {
    throw new FormatError(
      `${NAME} carries ${text.length} characters; at most ${HARD_LINK} are read`,
    );
  }
  const bytes = new Blob([fromBase64Url(text)]);
  const json = await inflate(bytes, 'deflate-raw', { most: LINK_LIMITS.bytes, name: NAME });
  return parseShared(textOf(json), NAME, LINK_LIMITS);
}

export async function packFile(content: SharedContent): Promise<Uint8Array<ArrayBuffer>> {
  return deflate(new TextEncoder().encode(formatShared(content)), 'gzip');
}

/** Throws FormatError naming the file. */
export async function unpackFile(blob: Blob, fileName: string): Promise<SharedContent> {
  if (blob.size > MAX_SHARED_FILE) {
    throw new FormatError(
      `${fileName}: ${blob.size} bytes; a shared file has at most ${MAX_SHARED_FILE}`,
    );
  }
  const json = await inflate(blob, 'gzip', { most: FILE_LIMITS.bytes, name: fileName });
  return parseShared(textOf(json), fileName, FILE_LIMITS);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** RFC 4648 section 5, without padding. */
function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) {
    throw new FormatError(`${NAME} was cut off or changed on its way: ask for it again`);
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
