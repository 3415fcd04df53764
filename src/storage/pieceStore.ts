// Where unfinished downloads lie: plain records and Blobs under text keys, each written whole. Two makers:
// IndexedDB (the browser keeps Blobs on disk, so that no file is ever in memory) and memory, for Node.
import { createStore, delMany, get, keys, set } from 'idb-keyval';
import { StorageFullError } from './storage';

export type PieceStore = {
  get: (key: string) => Promise<unknown>;
  /** Throws StorageFullError when the quota is spent. */
  set: (key: string, value: unknown) => Promise<void>;
  delete: (keys: readonly string[]) => Promise<void>;
  /** keys that begin with the prefix */
  keys: (prefix: string) => Promise<string[]>;
};

export function createBrowserPieceStore(): PieceStore {
  const store = createStore('nanoscope-downloads', 'pieces');
  return {
    get: (key) => get<unknown>(key, store),
    async set(key, value) {
      try {
        await set(key, value, store);
      } catch (cause) {
        if (!(cause instanceof DOMException) || cause.name !== 'QuotaExceededError') throw cause;
        throw new StorageFullError("no room left in this browser's storage for the download", {
          cause,
        });
      }
    },
    delete: (gone) => delMany([...gone], store),
    async keys(prefix) {
      const all = await keys<string>(store);
      return all.filter((key) => key.startsWith(prefix));
    },
  };
}

export function createMemoryPieceStore(): PieceStore {
  const held = new Map<string, unknown>();
  return {
    get: (key) => Promise.resolve(held.get(key)),
    set(key, value) {
      held.set(key, value);
      return Promise.resolve();
    },
    delete(gone) {
      for (const key of gone) held.delete(key);
      return Promise.resolve();
    },
    keys: (prefix) => Promise.resolve([...held.keys()].filter((key) => key.startsWith(prefix))),
  };
}
