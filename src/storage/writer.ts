// New keys for what is stored whole. A key names the tab that writes it, and that tab holds a lock of the same
// name while it lives: so nobody takes for an orphan what a tab is about to point to.
import type { TabLocks } from './tabLocks';

export type Writer = {
  /** `name`, and an end that no other key has. */
  newKey: (name: string) => Promise<string>;
};

const LOCK = 'writer/';
const MARK = '#';

export function makeWriter(locks: TabLocks): Writer {
  const [id] = crypto.getRandomValues(new BigUint64Array(1));
  const writer = (id ?? 0n).toString(36);
  let held: Promise<unknown> | null = null;
  let count = 0;
  return {
    async newKey(name) {
      await (held ??= locks.take(LOCK + writer));
      return `${name}${MARK}${writer}.${count++}`;
    },
  };
}

/** Whether the tab that wrote this key may still point to it. Keys of older versions name no tab: theirs may
 *  be open as long as any run is held. */
export function mayBePointedTo(key: string, locked: ReadonlySet<string>): boolean {
  const [, writer] = /#([0-9a-z]+)\.\d+(?:\.\w+)*$/.exec(key) ?? [];
  if (writer !== undefined) return locked.has(LOCK + writer);
  return [...locked].some((name) => !name.startsWith(LOCK));
}
