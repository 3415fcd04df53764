// Who goes first when several jobs want the one device: text that streams goes before training and
// statistics (interface.md 8).

export type Turns = {
  /** Marks foreground work until it ends; background jobs wait at their next step. */
  foreground: <T>(work: () => Promise<T>) => Promise<T>;
  /** Inside foreground work: what it only waits for, while others may go on. */
  outside: <T>(wait: () => Promise<T>) => Promise<T>;
  /** Resolves at once when no foreground work is going on. */
  waitForIdle: () => Promise<void>;
};

export function makeTurns(): Turns {
  let active = 0;
  let waiting: (() => void)[] = [];
  const leave = () => {
    active--;
    if (active > 0) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    async foreground(work) {
      active++;
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async outside(wait) {
      leave();
      try {
        return await wait();
      } finally {
        active++;
      }
    },
    waitForIdle() {
      if (active === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
