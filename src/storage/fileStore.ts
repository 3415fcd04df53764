// Large files kept between visits, written from parts and read as blobs, so that a file is never in memory
// whole. Three makers: OPFS, IndexedDB where a browser lacks it, memory for tests and the command line.
import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import { StorageFullError } from './storage';

export type FileStore = {
  /** Visible under its name once every part is written, not before. Throws StorageFullError when there is
   *  no room; the earlier content of that name is then still there. */
  write: (name: string, parts: AsyncIterable<Uint8Array<ArrayBuffer>>) => Promise<void>;
  /** null when there is no such file */
  read: (name: string) => Promise<Blob | null>;
  remove: (name: string) => Promise<void>;
};

const FOLDER = 'models';

export function createBrowserFileStore(): FileStore {
  const database = createStore('nanoscope-files', 'files');
  let folder: Promise<FileSystemDirectoryHandle | null> | null = null;
  const open = () => (folder ??= openFolder());
  return {
    async write(name, parts) {
      const files = await open();
      try {
        await (files === null ? writeRecord(database, name, parts) : writeFile(files, name, parts));
      } catch (cause) {
        if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
          throw new StorageFullError(`no room left in this browser's storage for ${name}`, {
            cause,
          });
        }
        throw cause;
      }
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
export function createMemoryFileStore(quotaBytes = Infinity): FileStore {
  const files = new Map<string, Blob>();
  return {
    async write(name, parts) {
      let used = 0;
      for (const [other, held] of files) if (other !== name) used += held.size;
      const blobs: Blob[] = [];
      for await (const part of parts) {
        used += part.byteLength;
        if (used > quotaBytes) {
          throw new StorageFullError(`${name}: ${used} bytes are over the quota of ${quotaBytes}`);
        }
        blobs.push(new Blob([part]));
      }
      files.set(name, new Blob(blobs));
    },
    read: (name) => Promise.resolve(files.get(name) ?? null),
    remove(name) {
      files.delete(name);
      return Promise.resolve();
    },
  };
}
