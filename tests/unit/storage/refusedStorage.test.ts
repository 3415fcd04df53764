// A browser that lets the page store nothing: memory takes over. One whose storage is broken or full: it does not, or
// what is stored would seem to be gone.
import { expect, it } from 'vitest';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryPieceStore } from '../../../src/storage/pieceStore';
import { makeRefusalProbe, orInMemory, type Stores } from '../../../src/storage/refusedStorage';
import { createMemoryLocks } from '../../../src/storage/tabLocks';

const stores = (): Stores => ({
  storage: createMemoryStorage(),
  pieces: createMemoryPieceStore(),
  files: createMemoryFileStore(),
  locks: createMemoryLocks(),
});
const failing = (cause: Error) => {
  const browser = stores();
  browser.storage.getFacts = () => Promise.reject(cause);
  return browser;
};

it.each([
  ['Firefox', new DOMException('The operation is insecure.', 'SecurityError'), true],
  [
    'Chromium',
    new DOMException('The user denied permission to access the database.', 'UnknownError'),
    true,
  ],
  ['no such API', new ReferenceError('indexedDB is not defined'), true],
  ['a full disk', new DOMException('full', 'QuotaExceededError'), false],
  [
    'a damaged disk',
    new DOMException('Internal error opening backing store.', 'UnknownError'),
    false,
  ],
])('tells what refuses from what is broken: %s', async (_, cause, isRefused) => {
  expect(await makeRefusalProbe(failing(cause).storage)()).toBe(isRefused);
});

it('keeps everything in memory where it is refused, and nothing where it is not', async () => {
  for (const isRefused of [true, false]) {
    const [browser, memory] = [stores(), stores()];
    const used = orInMemory(() => Promise.resolve(isRefused), browser, memory);
    await used.storage.setFacts('a', 1);
    await used.storage.updateFacts('a', (value) => [value]);
    const blob = await used.storage.putBlob('b', new Uint8Array([2]));
    await used.pieces.set('c', 3);
    const file = await used.files.write('d', parts());
    const free = await used.locks.take('e');
    const [holds, empty] = isRefused ? [memory, browser] : [browser, memory];
    expect(await holds.storage.getFacts('a')).toEqual([1]);
    expect(await holds.storage.getBlob(blob)).toEqual(new Uint8Array([2]));
    expect(await holds.storage.blobKeys()).toEqual(await used.storage.blobKeys());
    expect(await holds.pieces.keys('')).toEqual(['c']);
    expect((await holds.files.read(file))?.size).toBe(1);
    expect([...(await holds.locks.taken())]).toEqual(['e']);
    free?.();
    expect((await used.locks.taken()).size).toBe(0);
    expect(await empty.storage.keys('')).toEqual([]);
    expect(await empty.files.list()).toEqual([]);
    await used.storage.delete('a');
    await used.pieces.delete(['c']);
    await used.files.remove(file);
    expect([...(await used.storage.keys('')), ...(await used.pieces.keys(''))]).toEqual([]);
    expect([await used.files.list(), await used.pieces.get('c')]).toEqual([[], undefined]);
  }
});

async function* parts() {
  yield await Promise.resolve(new Uint8Array([4]));
}
