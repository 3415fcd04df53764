// The same interface in memory: for tests and for the command line. `quotaBytes` simulates a full disk.
import { checkBlob, pointTo, StorageFullError, type Storage } from './storage';
import { createMemoryLocks } from './tabLocks';
import { makeWriter, type Writer } from './writer';

export function createMemoryStorage(
  quotaBytes = Infinity,
  writer: Writer = makeWriter(createMemoryLocks()),
): Storage {
  const facts = new Map<string, unknown>();
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    getFacts: (key) => Promise.resolve(structuredClone(facts.get(key))),
    setFacts(key, value) {
      facts.set(key, structuredClone(value));
      return Promise.resolve();
    },
    updateFacts(key, change) {
      return new Promise((resolve) => {
        const changed = change(structuredClone(facts.get(key)));
        if (changed === undefined) facts.delete(key);
        else facts.set(key, structuredClone(changed));
        resolve();
      });
    },
    async putBlob(name, bytes) {
      const key = await writer.newKey(name);
      let used = bytes.byteLength;
      for (const held of blobs.values()) used += held.byteLength;
      if (used > quotaBytes) {
        throw new StorageFullError(`${name}: ${used} bytes are over the quota of ${quotaBytes}`);
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
    blobKeys: () => Promise.resolve([...blobs.keys()]),
  };
}
