// Locks between tabs: the browser's, driven through a double of Web Locks, and those in memory.
import { describe, expect, it } from 'vitest';
import { createBrowserLocks, createMemoryLocks } from '../../../src/storage/tabLocks';

/** As much of LockManager as is used: ifAvailable, held until the callback's promise ends. */
function makeLockManager(): LockManager {
  const held = new Set<string>();
  const request = async (
    name: string,
    options: LockOptions,
    use: (lock: Lock | null) => Promise<unknown>,
  ) => {
    expect(options).toEqual({ ifAvailable: true });
    await Promise.resolve();
    if (held.has(name)) return use(null);
    held.add(name);
    try {
      return await use({ name, mode: 'exclusive' });
    } finally {
      held.delete(name);
    }
  };
  const query = () => Promise.resolve({ held: [...held, 'a stranger'].map((name) => ({ name })) });
  return { request, query } as unknown as LockManager;
}

const MAKERS = [
  { name: 'Web Locks', make: () => createBrowserLocks(makeLockManager()) },
  { name: 'memory', make: createMemoryLocks },
  { name: 'no Web Locks', make: () => createBrowserLocks(undefined) },
];

describe.each(MAKERS)('locks: $name', ({ make }) => {
  it('go to the first who takes them, and on once they are let go', async () => {
    const locks = make();
    const letGo = await locks.take('run-1');
    expect(letGo).toBeTypeOf('function');
    expect(await locks.take('run-1')).toBeNull();
    expect(await locks.take('run-2')).toBeTypeOf('function');
    expect([...(await locks.taken())].sort()).toEqual(['run-1', 'run-2']);
    letGo!();
    await Promise.resolve();
    await Promise.resolve();
    expect([...(await locks.taken())]).toEqual(['run-2']);
    expect(await locks.take('run-1')).toBeTypeOf('function');
  });
});
