// Where unfinished downloads lie: plain records and Blobs under text keys, each written whole. Two makers:
// IndexedDB (the browser keeps Blobs on disk, so that no file is ever in memory) and memory, for Node.
import { createStore, delMany, get, keys, set } from 'idb-keyval';
import { StorageFullError, type Storage } from './storage';

export type PieceStore = {
  get: (key: string) => Promise<unknown>;
  /** Throws StorageFullError when the quota is spent. */
  set: (key: string, value: unknown) => Promise<void>;
  delete: (keys: readonly string[]) => Promise<void>;
  /** keys that begin with the prefix */
  keys: (prefix: string) => Promise<string[]>;
};

/** To read its records as those of the other storage. */
export function recordsOfPieces({ get, keys }: PieceStore): Pick<Storage, 'getFacts' | 'keys'> {
  return { getFacts: get, keys };
}

/** Deletes files and pieces of addresses that no download names: those of one whose deletion was cut short. */
export async function sweepPieces(pieces: PieceStore): Promise<void> {
  // In this order: what a download writes that begins later is not asked about.
  const keys = await pieces.keys('');
  const downloads = await Promise.all((await pieces.keys('job ')).map((key) => pieces.get(key)));
  const named = JSON.stringify(downloads);
  const isOrphan = (key: string) => {
    const [, url] = /^(?:file|piece) (\S+)/.exec(key) ?? [];
    return url !== undefined && !named.includes(JSON.stringify(url));
  };
  const orphans = keys.filter(isOrphan);
  if (orphans.length > 0) await pieces.delete(orphans);
}

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
