// Priorities when several jobs need the device: streaming text goes before training and
// statistics (interface.md 8).

export type Turns = {
  /** Marks foreground work until it ends; background jobs wait at their next step. */
  foreground: <T>(work: () => Promise<T>) => Promise<T>;
  /** Used inside foreground work for something it only waits for, while background jobs may continue. */
  outside: <T>(wait: () => Promise<T>) => Promise<T>;
  /** Resolves immediately if no foreground work is running. */
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
