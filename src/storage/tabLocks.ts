// Which of several tabs may write something, by name: the first that takes the lock, until it releases it
// or is closed. Two makers: the browser's Web Locks, and memory for tests and programs. Knows neither runs
// nor storage.

export type TabLocks = {
  /** A function that releases the lock, or null if another holder has it. Never waits. */
  take: (name: string) => Promise<(() => void) | null>;
  /** Names that are locked, including those of this tab. */
  taken: () => Promise<ReadonlySet<string>>;
};

const PREFIX = 'nanoscope/';

/** Held as long as this tab or worker lives; a killed one releases it automatically. If the browser has
 *  no Web Locks (pages that are not secure), each tab knows only its own. */
export function createBrowserLocks(locks: LockManager | undefined): TabLocks {
  if (locks === undefined) return createMemoryLocks();
  return {
    take: (name) =>
      new Promise((resolve, reject) => {
        const hold = (lock: Lock | null) => {
          if (lock !== null) return new Promise<void>(resolve);
          resolve(null);
          return Promise.resolve();
        };
        locks.request(PREFIX + name, { ifAvailable: true }, hold).catch(reject);
      }),
    async taken() {
      const held = (await locks.query()).held ?? [];
      const names = held.flatMap(({ name }) => (name?.startsWith(PREFIX) === true ? [name] : []));
      return new Set(names.map((name) => name.slice(PREFIX.length)));
    },
  };
}

export function createMemoryLocks(): TabLocks {
  const held = new Set<string>();
  return {
    take(name) {
      if (held.has(name)) return Promise.resolve(null);
      held.add(name);
      return Promise.resolve(() => {
        held.delete(name);
      });
    },
    taken: () => Promise.resolve(new Set(held)),
  };
}
