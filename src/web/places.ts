// Files of a browser as the engine takes them: named blobs, from an address, a folder or a choice of files.
import { ConfigError } from '../core/errors';
import type { FilePlace } from '../engine/machine';
import type { ModelFile } from '../engine/shared/api';

/** Folders of a tree that are looked into, and files that are listed. */
const MAX_DEPTH = 6;
const MAX_FILES = 20_000;

/** The address that a place is; null: it holds files. Throws ConfigError for one that is not whole. */
export function addressOf(place: FilePlace): URL | null {
  if (place instanceof URL) return place;
  if (typeof place !== 'string') return null;
  const base = typeof document === 'undefined' ? undefined : document.baseURI;
  const url = URL.parse(place, base);
  if (url !== null && /^(https?|blob|data):$/.test(url.protocol)) return url;
  throw new ConfigError(
    `address: ${place} was given; in a browser, give a whole address (https://…), a folder's handle, or files`,
    'address',
  );
}

/** Whether it is a folder that can be written. */
export function isFolder(place: FilePlace): place is FileSystemDirectoryHandle {
  return typeof place === 'object' && 'kind' in place;
}

/** Of a folder or of files, by address a single one; paths begin with the folder's name. Nothing is read but what an
 *  address holds. Throws ConfigError for an address that does not answer. */
export async function filesAt(place: FilePlace): Promise<ModelFile[]> {
  const address = addressOf(place);
  if (address !== null) return [await fetchFile(address)];
  if (isFolder(place)) return folderFiles(place);
  return Array.from(place as readonly File[], (file) => ({
    path: file.webkitRelativePath || file.name,
    blob: file,
  }));
}

async function folderFiles(folder: FileSystemDirectoryHandle): Promise<ModelFile[]> {
  const found: ModelFile[] = [];
  const walk = async (at: FileSystemDirectoryHandle, path: string, depth: number) => {
    for await (const [name, entry] of at.entries()) {
      if (name.startsWith('.') || name === 'node_modules' || found.length >= MAX_FILES) continue;
      if (entry.kind === 'file')
        found.push({ path: `${path}/${name}`, blob: await entry.getFile() });
      else if (depth > 0) await walk(entry, `${path}/${name}`, depth - 1);
    }
  };
  await walk(folder, folder.name || 'folder', MAX_DEPTH);
  return found;
}

/** A file by its address. Throws ConfigError with what the server said. */
async function fetchFile(address: URL): Promise<ModelFile> {
  const file = await fetchOrNull(address);
  if (file !== null) return file;
  throw new ConfigError(`address: ${address.href}: the server has no such file`, 'address');
}

/** null: the server has none. Throws ConfigError where it does not answer, or otherwise than with a file. */
export async function fetchOrNull(address: URL): Promise<ModelFile | null> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw new ConfigError(
      `address: ${address.href} could not be fetched: ${String(cause)}`,
      'address',
    );
  }
  if (response.status === 404) return null;
  if (!response.ok) {
    throw new ConfigError(
      `address: ${address.href}: the server answered ${response.status}`,
      'address',
    );
  }
  return { path: lastPart(address.pathname), blob: await response.blob() };
}

/** An address below a folder's. */
export function below(folder: URL, path: string): URL {
  const base = new URL(folder);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL(path, base);
}

export function lastPart(path: string): string {
  return decodeURIComponent(path.replace(/\/+$/, '').split('/').at(-1) ?? '');
}
