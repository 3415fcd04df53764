// IndexedDB through idb-keyval. One key-value store for facts and one for blobs; every put is one
// transaction, so a killed tab leaves the old value or the new one.
import { createStore, del, get, keys, promisifyRequest, set, type UseStore } from 'idb-keyval';
import { checkBlob, pointTo, StorageFullError, type Storage } from './storage';
import type { Writer } from './writer';

export function createBrowserStorage(writer: Writer): Storage {
  const facts = createStore('nanoscope-facts', 'facts');
  const blobs = createStore('nanoscope-blobs', 'blobs');
  return {
    getFacts: (key) => get<unknown>(key, facts),
    setFacts: (key, value) => refuseWhenFull(key, set(key, value, facts)),
    updateFacts: (key, change) => refuseWhenFull(key, update(facts, key, change)),
    async putBlob(name, bytes) {
      const key = await writer.newKey(name);
      await refuseWhenFull(name, set(key, bytes, blobs));
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
    blobKeys: () => keys<string>(blobs),
  };
}

/** idb-keyval's `update`, which cannot delete. */
function update(
  store: UseStore,
  key: string,
  change: (facts: unknown) => unknown,
): Promise<undefined> {
  return store(
    'readwrite',
    (objects) =>
      new Promise((resolve, reject) => {
        const found = objects.get(key);
        found.onerror = () => reject(found.error ?? new Error(`${key} could not be read`));
        found.onsuccess = () => {
          try {
            const changed = change(found.result);
            if (changed === undefined) objects.delete(key);
            else objects.put(changed, key);
            resolve(promisifyRequest(objects.transaction));
          } catch (cause) {
            objects.transaction.abort();
            reject(cause instanceof Error ? cause : new Error(String(cause)));
          }
        };
      }),
  );
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
