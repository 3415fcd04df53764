// The store's environment in a browser: clock, address bar, settings. The only place that touches them.
import type { Environment } from '../store/environment';
import { keepPlannedHash, openPlannedHash } from './plannedHash';

type Connection = { saveData?: boolean };

/** Where larger facts are kept (IndexedDB). */
type FactStore = {
  getFacts: (key: string) => Promise<unknown>;
  updateFacts: (key: string, change: (facts: unknown) => unknown) => Promise<void>;
};

export function makeBrowserEnvironment(
  window: Window,
  stored: FactStore,
  own: Pick<Environment, 'readFirstReading' | 'readRoom' | 'keepStorage'>,
): Environment {
  const { location, history, navigator } = window;
  openPlannedHash(window);
  const connection = (navigator as { connection?: Connection }).connection;
  return {
    now: () => performance.now(),
    randomSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
    readHash: () => location.hash,
    writeHash: (hash, isNewPlace) =>
      isNewPlace
        ? history.pushState(null, '', hash)
        : history.replaceState(history.state, '', hash),
    planHash: (hash) => keepPlannedHash(window, hash),
    whenIdle: () => whenIdle(window),
    onHashChange: (listener) => window.addEventListener('hashchange', listener),
    onHidden: (listener) => {
      window.addEventListener('pagehide', () => listener());
      window.document.addEventListener('visibilitychange', () => {
        if (window.document.visibilityState === 'hidden') listener();
      });
    },
    after: (milliseconds, run) => {
      const timer = window.setTimeout(run, milliseconds);
      return () => window.clearTimeout(timer);
    },
    readSetting: (key) => readStored(window, key),
    writeSetting: (key, value) => {
      // Private windows may forbid storage, but a theme is not worth an error.
      try {
        window.localStorage.setItem(`nanoscope.${key}`, value);
      } catch {
        return;
      }
    },
    ...own,
    readStored: (key) => stored.getFacts(`page/${key}`),
    changeStored: (key, change) => stored.updateFacts(`page/${key}`, change),
    isFramedByOthers: isFramedByOthers(window),
    savesData: connection?.saveData === true,
  };
}

/** A page that is never idle gets no further than this, ms; nor does a browser that does not tell. */
const IDLE_MS = { most: 500, untold: 50 } as const;

function whenIdle(window: Window): Promise<void> {
  return new Promise((resolve) => {
    // Absent in Safari, although the type of a window does not say so.
    if ('requestIdleCallback' in window) {
      window.requestIdleCallback(() => resolve(), { timeout: IDLE_MS.most });
    } else setTimeout(resolve, IDLE_MS.untold);
  });
}

function isFramedByOthers(window: Window): boolean {
  try {
    return window.top?.location.origin !== window.location.origin;
  } catch {
    // What another site's page has as its address is not to be read.
    return true;
  }
}

function readStored(window: Window, key: string): string | null {
  try {
    return window.localStorage.getItem(`nanoscope.${key}`);
  } catch {
    return null;
  }
}
