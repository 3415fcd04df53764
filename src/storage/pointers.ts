// Records and the blobs that they name: what is new is stored first, then pointed to, then what is no longer
// named is deleted. A kill at any moment leaves the old or the new, and at most a blob that nobody names,
// which `sweepOrphans` deletes.
import type { BlobPointer, Storage } from './storage';
import type { TabLocks } from './tabLocks';
import { mayBePointedTo } from './writer';

/** Changes a record in one transaction, then deletes the blobs that only its older version named. Where the
 *  record cannot be written, the blobs that only the newer version names are deleted instead. */
export async function repoint(
  storage: Storage,
  key: string,
  change: (facts: unknown) => unknown,
): Promise<void> {
  let [before, after] = [new Set<string>(), new Set<string>()];
  try {
    await storage.updateFacts(key, (facts) => {
      const changed = change(facts);
      [before, after] = [new Set(pointedTo(facts)), new Set(pointedTo(changed))];
      return changed;
    });
  } catch (cause) {
    await deleteAll(
      storage,
      [...after].filter((blob) => !before.has(blob)),
    ).catch(() => undefined);
    throw cause;
  }
  await deleteAll(
    storage,
    [...before].filter((blob) => !after.has(blob)),
  );
}

/** Deletes a record, then its blobs. */
export function deleteRecord(storage: Storage, key: string): Promise<void> {
  return repoint(storage, key, () => undefined);
}

async function deleteAll(storage: Storage, keys: readonly string[]): Promise<void> {
  for (const key of keys) await storage.delete(key);
}

/** Deletes the blobs that no record names and no open tab is about to name; returns their keys. */
export async function sweepOrphans(storage: Storage, locks: TabLocks): Promise<string[]> {
  // In this order: a tab that begins later is not asked about blobs that were there before.
  const blobs = await storage.blobKeys();
  const locked = await locks.taken();
  const named = new Set<string>();
  for (const key of await storage.keys('')) {
    // Any text: a record that cannot be read keeps what it names, too.
    for (const text of textsIn(await storage.getFacts(key))) named.add(text);
  }
  const orphans = blobs.filter((key) => !named.has(key) && !mayBePointedTo(key, locked));
  await deleteAll(storage, orphans);
  return orphans;
}

function* pointedTo(facts: unknown): Generator<string> {
  if (isPointer(facts)) yield facts.key;
  for (const inner of innerOf(facts)) yield* pointedTo(inner);
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
