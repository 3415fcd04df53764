import { describe, expect, it } from 'vitest';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { StorageDamageError, StorageFullError } from '../../../src/storage/storage';

describe('storage', () => {
  it('points to blobs by their hash and notices when they are gone', async () => {
    const storage = createMemoryStorage();
    const pointer = await storage.putBlob('a', Uint8Array.of(97, 98, 99));
    // SHA-256 of "abc" (FIPS 180-4).
    expect(pointer.sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect([...(await storage.getBlob(pointer))]).toEqual([97, 98, 99]);
    const other = { ...(await storage.putBlob('a', Uint8Array.of(1))), sha256: pointer.sha256 };
    await expect(storage.getBlob(other)).rejects.toThrow(StorageDamageError);
    expect([...(await storage.getBlob(pointer))]).toEqual([97, 98, 99]);
    await storage.delete(pointer.key);
    await expect(storage.getBlob(pointer)).rejects.toThrow('no longer in storage');
  });

  it('refuses what is over the quota and keeps what it has', async () => {
    const storage = createMemoryStorage(10);
    const pointer = await storage.putBlob('kept', new Uint8Array(8));
    await expect(storage.putBlob('more', new Uint8Array(3))).rejects.toThrow(StorageFullError);
    expect(await storage.getBlob(pointer)).toHaveLength(8);
  });

  it('reads and writes facts in one go, and not at all where the change fails', async () => {
    const storage = createMemoryStorage();
    const add = (n: number) =>
      storage.updateFacts('list', (facts) => [...((facts as number[] | undefined) ?? []), n]);
    await Promise.all([add(1), add(2), add(3)]);
    expect(await storage.getFacts('list')).toEqual([1, 2, 3]);
    const failing = storage.updateFacts('list', () => {
      throw new Error('no list');
    });
    await expect(failing).rejects.toThrow('no list');
    expect(await storage.getFacts('list')).toEqual([1, 2, 3]);
    await storage.updateFacts('list', () => undefined);
    expect(await storage.keys('')).toEqual([]);
  });

  it('lists keys of facts by prefix', async () => {
    const storage = createMemoryStorage();
    await storage.setFacts('run/1', { step: 3 });
    await storage.setFacts('sae/1', {});
    expect(await storage.keys('run/')).toEqual(['run/1']);
    expect(await storage.getFacts('run/1')).toEqual({ step: 3 });
  });
});
