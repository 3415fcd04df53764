// The same interface in memory: for tests and for the command line. `quotaBytes` simulates a full disk.
import { checkBlob, pointTo, StorageFullError, type Storage } from './storage';

export function createMemoryStorage(quotaBytes = Infinity): Storage {
  const facts = new Map<string, unknown>();
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    getFacts: (key) => Promise.resolve(structuredClone(facts.get(key))),
    setFacts(key, value) {
      facts.set(key, structuredClone(value));
      return Promise.resolve();
    },
    async putBlob(key, bytes) {
      let used = bytes.byteLength;
      for (const [other, held] of blobs) if (other !== key) used += held.byteLength;
      if (used > quotaBytes) {
        throw new StorageFullError(`${key}: ${used} bytes are over the quota of ${quotaBytes}`);
      }
      blobs.set(key, bytes.slice());
      return pointTo(key, bytes);
    },
    getBlob: (pointer) => checkBlob(pointer, blobs.get(pointer.key)?.slice()),
    delete(key) {
      facts.delete(key);
      blobs.delete(key);
      return Promise.resolve();
    },
    keys: (prefix) => Promise.resolve([...facts.keys()].filter((key) => key.startsWith(prefix))),
  };
}
