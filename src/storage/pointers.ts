// Records and the blobs that they name: what is new is stored first, then pointed to, then what is no longer
// named is deleted. A kill at any moment leaves the old or the new, and at most a blob that nobody names,
// which `sweepOrphans` deletes.
import type { FileStore } from './fileStore';
import type { BlobPointer, Storage } from './storage';
import type { TabLocks } from './tabLocks';
import { mayBePointedTo } from './writer';

/** Changes a record in one transaction, then deletes the blobs that only its older version named. Of `fresh`,
 *  the blobs stored for this change, those that the record does not name in the end are deleted as well. */
export async function repoint(
  storage: Storage,
  key: string,
  change: (facts: unknown) => unknown,
  fresh: readonly BlobPointer[] = [],
): Promise<void> {
  const stored = fresh.map((pointer) => pointer.key);
  let before: string[] = [];
  let after = new Set<string>();
  try {
    await storage.updateFacts(key, (facts) => {
      const changed = change(facts);
      before = keysIn(facts);
      after = new Set(keysIn(changed));
      return changed;
    });
  } catch (cause) {
    // Best effort: the cause is what matters, and orphans are swept at the next start.
    await deleteAll(storage, stored).catch(() => undefined);
    throw cause;
  }
  await deleteAll(
    storage,
    [...before, ...stored].filter((blob) => !after.has(blob)),
  );
}

/** Deletes a record, then its blobs. */
export function deleteRecord(storage: Storage, key: string): Promise<void> {
  return repoint(storage, key, () => undefined);
}

async function deleteAll(storage: Storage, keys: readonly string[]): Promise<void> {
  for (const key of keys) await storage.delete(key);
}

/** Deletes the blobs and files that no record names and no open tab is about to name. */
export async function sweepOrphans({
  storage,
  files,
  locks,
}: {
  storage: Storage;
  files: FileStore;
  locks: TabLocks;
}): Promise<void> {
  // In this order: what a tab writes that begins later is not asked about.
  const blobs = await storage.blobKeys();
  const names = await files.list();
  const locked = await locks.taken();
  const named = new Set<string>();
  for (const key of await storage.keys('')) {
    // Any text: a record that cannot be read keeps what it names, too.
    for (const text of textsIn(await storage.getFacts(key))) named.add(text);
  }
  const isOrphan = (key: string) => !named.has(key) && !mayBePointedTo(key, locked);
  await deleteAll(storage, blobs.filter(isOrphan));
  for (const name of names.filter(isOrphan)) await files.remove(name);
}

/** What a record points to. */
export function* blobsOf(facts: unknown): Generator<BlobPointer> {
  if (isPointer(facts)) yield facts;
  for (const inner of innerOf(facts)) yield* blobsOf(inner);
}

function keysIn(facts: unknown): string[] {
  return [...blobsOf(facts)].map(({ key }) => key);
}

function* textsIn(facts: unknown): Generator<string> {
  if (typeof facts === 'string') yield facts;
  for (const inner of innerOf(facts)) yield* textsIn(inner);
}

/** Arrays of numbers name nothing. */
function innerOf(facts: unknown): readonly unknown[] {
  if (typeof facts !== 'object' || facts === null || ArrayBuffer.isView(facts)) return [];
  return Object.values(facts);
}

function isPointer(facts: unknown): facts is BlobPointer {
  if (typeof facts !== 'object' || facts === null) return false;
  const { key, byteLength, sha256 } = facts as Record<string, unknown>;
  return typeof key === 'string' && typeof byteLength === 'number' && typeof sha256 === 'string';
}
