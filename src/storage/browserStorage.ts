// IndexedDB through idb-keyval. One key-value store for facts and blobs; every put is one transaction,
// so a killed tab leaves the old value or the new one.
import { createStore, del, get, keys, set } from 'idb-keyval';
import { checkBlob, pointTo, StorageFullError, type Storage } from './storage';

export function createBrowserStorage(): Storage {
  const facts = createStore('nanoscope-facts', 'facts');
  const blobs = createStore('nanoscope-blobs', 'blobs');
  return {
    getFacts: (key) => get<unknown>(key, facts),
    setFacts: (key, value) => refuseWhenFull(key, set(key, value, facts)),
    async putBlob(key, bytes) {
      await refuseWhenFull(key, set(key, bytes, blobs));
      return pointTo(key, bytes);
    },
    async getBlob(pointer) {
      return checkBlob(pointer, await get<Uint8Array<ArrayBuffer>>(pointer.key, blobs));
    },
    async delete(key) {
      await Promise.all([del(key, facts), del(key, blobs)]);
    },
    async keys(prefix) {
      const all = await keys<string>(facts);
      return all.filter((key) => key.startsWith(prefix));
    },
  };
}

async function refuseWhenFull(key: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
      throw new StorageFullError(`no room left in this browser's storage for ${key}`, { cause });
    }
    throw cause;
  }
}
