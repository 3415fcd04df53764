// What no record names is swept at the start, but not what an open tab is about to point to.
import { expect, it } from 'vitest';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryPieceStore, sweepPieces } from '../../../src/storage/pieceStore';
import { repoint, sweepOrphans } from '../../../src/storage/pointers';
import { createMemoryLocks, type TabLocks } from '../../../src/storage/tabLocks';
import { makeWriter } from '../../../src/storage/writer';

const BYTES = Uint8Array.of(1, 2, 3);
async function* parts() {
  await Promise.resolve();
  yield BYTES;
}

/** Disks written by a tab whose locks are these. */
function disksOf(locks: TabLocks) {
  const writer = makeWriter(locks);
  return {
    storage: createMemoryStorage(Infinity, writer),
    files: createMemoryFileStore(Infinity, writer),
  };
}

it('keeps what is named, even by a record that cannot be read, and deletes orphans (7.2)', async () => {
  const { storage, files } = disksOf(createMemoryLocks());
  const [named, orphan] = [await storage.putBlob('a', BYTES), await storage.putBlob('b', BYTES)];
  await storage.setFacts('sae/x', { of: { no: ['known', named.key] } });
  const file = await files.write('kept', parts());
  const lost = await files.write('lost', parts());
  await storage.setFacts('kept-model/m', { file });
  // The tab that wrote them is closed: nobody holds its lock.
  await sweepOrphans({ storage, files, locks: createMemoryLocks() });
  expect(await storage.blobKeys()).toEqual([named.key]);
  expect(await files.list()).toEqual([file]);
  expect([orphan.key, lost].every((key) => key.includes('#'))).toBe(true);
});

it('leaves alone what an open tab has not pointed to yet (7.2)', async () => {
  const locks = createMemoryLocks();
  const { storage, files } = disksOf(locks);
  const coming = await storage.putBlob('run-checkpoint/run-1/5', BYTES);
  const model = await files.write('model', parts());
  await sweepOrphans({ storage, files, locks });
  await repoint(storage, 'run/run-1', () => ({ checkpoint: coming }), [coming]);
  expect([...(await storage.getBlob(coming))]).toEqual([1, 2, 3]);
  expect(await files.list()).toEqual([model]);
});

it('leaves blobs of an older version alone while a run is open anywhere', async () => {
  const older = { newKey: (name: string) => Promise.resolve(name) };
  const storage = createMemoryStorage(Infinity, older);
  const files = createMemoryFileStore();
  await storage.putBlob('run-checkpoint/run-1/5', BYTES);
  const locks = createMemoryLocks();
  const letGo = await locks.take('run-1');
  await sweepOrphans({ storage, files, locks });
  expect(await storage.blobKeys()).toHaveLength(1);
  letGo?.();
  await sweepOrphans({ storage, files, locks });
  expect(await storage.blobKeys()).toEqual([]);
});

it('deletes what a change stored for nothing, and keeps the old record where the change fails', async () => {
  const { storage } = disksOf(createMemoryLocks());
  const old = await storage.putBlob('old', BYTES);
  await storage.setFacts('x', old);
  const fresh = await storage.putBlob('new', BYTES);
  const failing = repoint(
    storage,
    'x',
    () => {
      throw new Error('no');
    },
    [fresh],
  );
  await expect(failing).rejects.toThrow('no');
  expect(await storage.blobKeys()).toEqual([old.key]);
});

it('deletes pieces of a download whose deletion was cut short', async () => {
  const pieces = createMemoryPieceStore();
  const url = 'https://host/a/model.pt';
  await pieces.set('job 1', { files: [{ url }] });
  for (const key of [`file ${url}`, `piece ${url} 0`, `file ${url}x`, `piece ${url}x 0`]) {
    await pieces.set(key, {});
  }
  await sweepPieces(pieces);
  expect(await pieces.keys('')).toEqual(['job 1', `file ${url}`, `piece ${url} 0`]);
});
