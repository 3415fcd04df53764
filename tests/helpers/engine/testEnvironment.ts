// A world for the store that a test holds in its hands: clock, address bar, settings, timers.
import type { FirstReading } from '../../../src/core/explore/firstReading';
import type { Environment, StorageRoom } from '../../../src/store/environment';

/** reading: what ships with the page for Start; null: it does not arrive */
export function makeTestEnvironment(hash = '', reading: FirstReading | null = null) {
  const settings = new Map<string, string>();
  const stored = new Map<string, unknown>();
  const listeners: (() => void)[] = [];
  const hidden: (() => void)[] = [];
  let timers: { due: number; run: () => void }[] = [];
  const world = {
    now: 0,
    hash,
    plannedHash: null as string | null,
    seed: 7,
    /** addresses that Back leads to, the last one first visited last */
    history: [] as string[],
  };
  const room = { current: null as StorageRoom | null, grants: false };
  const env: Environment = {
    now: () => world.now,
    randomSeed: () => world.seed,
    readHash: () => world.hash,
    writeHash: (next, isNewPlace) => {
      if (isNewPlace) world.history.push(world.hash);
      world.hash = next;
    },
    planHash: (next) => {
      world.plannedHash = next;
    },
    whenIdle: () => Promise.resolve(),
    onHashChange: (listener) => void listeners.push(listener),
    onHidden: (listener) => void hidden.push(listener),
    after: (milliseconds, run) => {
      const timer = { due: world.now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    readSetting: (key) => settings.get(key) ?? null,
    writeSetting: (key, value) => void settings.set(key, value),
    readFirstReading: () =>
      reading === null ? Promise.reject(new Error('none')) : Promise.resolve(reading),
    readRoom: () => Promise.resolve(room.current === null ? null : { ...room.current }),
    keepStorage: () => {
      if (room.grants && room.current !== null) room.current.isPersistent = true;
      return Promise.resolve(room.grants);
    },
    readStored: (key) => Promise.resolve(stored.get(key)),
    changeStored: (key, change) => {
      stored.set(key, change(stored.get(key)));
      return Promise.resolve();
    },
    isFramedByOthers: false,
    savesData: false,
  };
  return {
    env,
    world,
    settings,
    /** what the browser tells of its storage, and whether it grants to keep it */
    room,
    stored,
    /** Lets time pass and runs what became due. */
    advance: (milliseconds: number) => {
      world.now += milliseconds;
      const due = timers.filter((timer) => timer.due <= world.now);
      timers = timers.filter((timer) => timer.due > world.now);
      for (const timer of due) timer.run();
    },
    /** As if somebody had typed another hash. */
    visit: (next: string) => {
      world.hash = next;
      for (const listener of listeners) listener();
    },
    back: () => {
      world.hash = world.history.pop() ?? world.hash;
      for (const listener of listeners) listener();
    },
    hide: () => {
      for (const listener of hidden) listener();
    },
  };
}

/** Lets pending promises settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
