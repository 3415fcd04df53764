// Everything a page or a worker stores in a browser, or in memory where that browser lets it store nothing.
import { createBrowserStorage } from './browserStorage';
import { createBrowserFileStore, createMemoryFileStore } from './fileStore';
import { createMemoryStorage } from './memoryStorage';
import { createBrowserPieceStore, createMemoryPieceStore } from './pieceStore';
import { makeRefusalProbe, orInMemory, type Stores } from './refusedStorage';
import { createBrowserLocks, createMemoryLocks } from './tabLocks';
import { makeWriter } from './writer';

export function openBrowserStores(): Stores & { isRefused: () => Promise<boolean> } {
  // Undefined on pages that are not secure, although its type does not say so.
  const locks = createBrowserLocks(globalThis.navigator.locks);
  const writer = makeWriter(locks);
  const storage = createBrowserStorage(writer);
  const isRefused = makeRefusalProbe(storage);
  const browser = {
    storage,
    locks,
    pieces: createBrowserPieceStore(),
    files: createBrowserFileStore(writer),
  };
  const memory = {
    storage: createMemoryStorage(),
    locks: createMemoryLocks(),
    pieces: createMemoryPieceStore(),
    files: createMemoryFileStore(),
  };
  return { ...orInMemory(isRefused, browser, memory), isRefused };
}
