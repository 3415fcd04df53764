// What the engine keeps, in a folder: facts and blobs as files of their own, written beside and then moved, so that a
// process that is killed leaves the old one or the new one. One process at a time: the folder has a lock.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { ConfigError } from '../core/errors';
import { createMemoryLocks } from '../storage/tabLocks';
import { checkBlob, pointTo, StorageFullError, type Storage } from '../storage/storage';
import { makeWriter } from '../storage/writer';

export type FolderStorage = Storage & {
  /** Another process may have it now. */
  close: () => void;
};

const LOCK = 'lock';

/** Throws ConfigError while another process has the folder open. */
export function openFolderStorage(folder: string): FolderStorage {
  const places = { facts: join(folder, 'facts'), blobs: join(folder, 'blobs') };
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true });
  takeLock(folder);
  const writer = makeWriter(createMemoryLocks());
  /** Changes of facts, one after the other. */
  let tail: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };
  const factsFile = (key: string) => join(places.facts, encodeURIComponent(key));
  const blobFile = (key: string) => join(places.blobs, encodeURIComponent(key));
  const readFacts = async (key: string): Promise<unknown> => {
    const bytes = await readOrNull(factsFile(key));
    return bytes === null ? undefined : (deserialize(bytes) as unknown);
  };
  const writeFacts = (key: string, facts: unknown) => put(factsFile(key), serialize(facts));
  return {
    getFacts: (key) => inTurn(() => readFacts(key)),
    setFacts: (key, facts) => inTurn(() => writeFacts(key, facts)),
    updateFacts: (key, change) =>
      inTurn(async () => {
        const changed = change(await readFacts(key));
        if (changed === undefined) await rm(factsFile(key), { force: true });
        else await writeFacts(key, changed);
      }),
    async putBlob(name, bytes) {
      const key = await writer.newKey(name);
      await put(blobFile(key), bytes);
      return pointTo(key, bytes);
    },
    async getBlob(pointer) {
      const bytes = await readOrNull(blobFile(pointer.key));
      return checkBlob(pointer, bytes === null ? undefined : Uint8Array.from(bytes));
    },
    delete: (key) =>
      inTurn(async () => {
        await rm(factsFile(key), { force: true });
        await rm(blobFile(key), { force: true });
      }),
    keys: (prefix) =>
      inTurn(async () => (await keysOf(places.facts)).filter((key) => key.startsWith(prefix))),
    blobKeys: () => keysOf(places.blobs),
    close() {
      rmSync(join(folder, LOCK), { force: true });
    },
  };
}

async function keysOf(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !name.endsWith(PART)).map(decodeURIComponent);
}

/** No key ends so: those of blobs end with a number, those of facts with an id. */
const PART = '.part';

async function put(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path + PART, bytes);
    await rename(path + PART, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    await rm(path + PART, { force: true });
    throw new StorageFullError(`no room left on this disk for ${path}`, { cause });
  }
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

function takeLock(folder: string): void {
  const path = join(folder, LOCK);
  const write = () => writeFileSync(path, String(process.pid), { flag: 'wx' });
  try {
    write();
    return;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const holder = Number(readFileSync(path, 'utf8'));
  if (isRunning(holder)) {
    throw new ConfigError(
      `${folder} is in use by process ${holder}: wait for its end, or give another --output-dir.`,
      'outputDir',
    );
  }
  // Its process was killed.
  rmSync(path, { force: true });
  write();
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
