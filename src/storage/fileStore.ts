// Large files kept between visits, written from parts and read as blobs, so that a file is never in memory
// whole. Three makers: OPFS, IndexedDB where a browser lacks it, memory for tests and the command line.
import { createStore, del, get, keys, set, type UseStore } from 'idb-keyval';
import { StorageFullError } from './storage';
import { createMemoryLocks } from './tabLocks';
import { makeWriter, type Writer } from './writer';

export type FileStore = {
  /** Writes a new file, never in the place of another, and returns its name: it begins with `name` and can be
   *  read once every part is written, not before. Throws StorageFullError when there is no room. */
  write: (name: string, parts: AsyncIterable<Uint8Array<ArrayBuffer>>) => Promise<string>;
  /** null when there is no such file */
  read: (name: string) => Promise<Blob | null>;
  remove: (name: string) => Promise<void>;
  /** every name, of files that are being written too */
  list: () => Promise<string[]>;
};

const FOLDER = 'models';

export function createBrowserFileStore(writer: Writer): FileStore {
  const database = createStore('nanoscope-files', 'files');
  let folder: Promise<FileSystemDirectoryHandle | null> | null = null;
  const open = () => (folder ??= openFolder());
  return {
    async write(begin, parts) {
      const files = await open();
      const name = `${await writer.newKey(begin)}.safetensors`;
      try {
        await (files === null ? writeRecord(database, name, parts) : writeFile(files, name, parts));
      } catch (cause) {
        if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
          throw new StorageFullError(`no room left in this browser's storage for ${begin}`, {
            cause,
          });
        }
        throw cause;
      }
      return name;
    },
    async read(name) {
      const files = await open();
      if (files === null) return (await get<Blob>(name, database)) ?? null;
      try {
        return await (await files.getFileHandle(name)).getFile();
      } catch (cause) {
        if (cause instanceof DOMException && cause.name === 'NotFoundError') return null;
        throw cause;
      }
    },
    async remove(name) {
      const files = await open();
      if (files === null) await del(name, database);
      else {
        await files.removeEntry(name).catch((cause: unknown) => {
          if (!(cause instanceof DOMException && cause.name === 'NotFoundError')) throw cause;
        });
      }
    },
    async list() {
      const files = await open();
      if (files === null) return keys<string>(database);
      const names: string[] = [];
      for await (const name of files.keys()) names.push(name);
      return names;
    },
  };
}

/** null if there is no OPFS, it cannot be written, or a private window forbids it. */
async function openFolder(): Promise<FileSystemDirectoryHandle | null> {
  if (!('storage' in navigator) || !('createWritable' in FileSystemFileHandle.prototype))
    return null;
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return null;
  }
}

/** A writable writes to a temporary copy that replaces the file when it is closed. */
async function writeFile(
  folder: FileSystemDirectoryHandle,
  name: string,
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  try {
    for await (const part of parts) await writable.write(part);
    await writable.close();
  } catch (cause) {
    await writable.abort().catch(() => undefined);
    // An empty file of that name came with the handle.
    await folder.removeEntry(name).catch(() => undefined);
    throw cause;
  }
}

async function writeRecord(
  database: UseStore,
  name: string,
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const blobs: Blob[] = [];
  for await (const part of parts) blobs.push(new Blob([part]));
  await set(name, new Blob(blobs), database);
}

/** `quotaBytes` simulates a full disk. */
export function createMemoryFileStore(
  quotaBytes = Infinity,
  writer: Writer = makeWriter(createMemoryLocks()),
): FileStore {
  const files = new Map<string, Blob>();
  return {
    async write(begin, parts) {
      const name = `${await writer.newKey(begin)}.safetensors`;
      let used = 0;
      for (const held of files.values()) used += held.size;
      const blobs: Blob[] = [];
      for await (const part of parts) {
        used += part.byteLength;
        if (used > quotaBytes) {
          throw new StorageFullError(`${begin}: ${used} bytes are over the quota of ${quotaBytes}`);
        }
        blobs.push(new Blob([part]));
      }
      files.set(name, new Blob(blobs));
      return name;
    },
    read: (name) => Promise.resolve(files.get(name) ?? null),
    remove(name) {
      files.delete(name);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...files.keys()]),
  };
}
