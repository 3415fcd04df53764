// Who of several tabs may write a thing, by its name: the first that takes it, until it lets go or is closed.
// Two makers: the browser's Web Locks, and memory for tests and programs. Knows no run and no storage.

export type TabLocks = {
  /** A function that lets go, or null while another holds the name. Never waits for it. */
  take: (name: string) => Promise<(() => void) | null>;
  /** Names that somebody holds, this tab included. */
  taken: () => Promise<ReadonlySet<string>>;
};

const PREFIX = 'nanoscope/';

/** Held for as long as this tab or worker lives: a killed one lets go by itself. Where the browser has no Web
 *  Locks (pages that are not secure), each tab knows of itself only. */
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
