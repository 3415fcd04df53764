// Where a browser lets the page store nothing (frames in other sites' pages, some private windows, a setting), memory
// takes the place of storage: everything works, and is gone with the tab.
import type { FileStore } from './fileStore';
import type { PieceStore } from './pieceStore';
import type { Storage } from './storage';
import type { TabLocks } from './tabLocks';

export type Stores = { storage: Storage; pieces: PieceStore; files: FileStore; locks: TabLocks };

/** Asked once, when first needed: true where storage is refused, not where it is broken or full. */
export function makeRefusalProbe({ getFacts }: Pick<Storage, 'getFacts'>): () => Promise<boolean> {
  let asked: Promise<boolean> | null = null;
  return () => (asked ??= getFacts('probe').then(() => false, isRefusal));
}

/** Chromium says that the user denied permission, by an UnknownError; others that it is insecure. */
function isRefusal(cause: unknown): boolean {
  if (cause instanceof ReferenceError || cause instanceof TypeError) return true;
  if (!(cause instanceof DOMException)) return false;
  return cause.name === 'SecurityError' || /denied/.test(cause.message);
}

/** The browser's stores, or those in memory, as is found out at the first call. */
export function orInMemory(
  isRefused: () => Promise<boolean>,
  browser: Stores,
  memory: Stores,
): Stores {
  const choose =
    <K extends keyof Stores>(name: K): (() => Promise<Stores[K]>) =>
    async () =>
      ((await isRefused()) ? memory : browser)[name];
  const [storage, pieces] = [choose('storage'), choose('pieces')];
  const [files, locks] = [choose('files'), choose('locks')];
  return {
    storage: {
      getFacts: async (key) => (await storage()).getFacts(key),
      setFacts: async (key, value) => (await storage()).setFacts(key, value),
      updateFacts: async (key, change) => (await storage()).updateFacts(key, change),
      putBlob: async (name, bytes) => (await storage()).putBlob(name, bytes),
      getBlob: async (pointer) => (await storage()).getBlob(pointer),
      delete: async (key) => (await storage()).delete(key),
      keys: async (prefix) => (await storage()).keys(prefix),
      blobKeys: async () => (await storage()).blobKeys(),
    },
    pieces: {
      get: async (key) => (await pieces()).get(key),
      set: async (key, value) => (await pieces()).set(key, value),
      delete: async (gone) => (await pieces()).delete(gone),
      keys: async (prefix) => (await pieces()).keys(prefix),
    },
    files: {
      write: async (name, parts) => (await files()).write(name, parts),
      read: async (name) => (await files()).read(name),
      remove: async (name) => (await files()).remove(name),
      list: async () => (await files()).list(),
    },
    locks: {
      take: async (name) => (await locks()).take(name),
      taken: async () => (await locks()).taken(),
    },
  };
}
