// The hash that is about to be written, stored in case a reload comes first. Writing it on `pagehide` is not
// enough: a reload opens the previous address, and may have started the next page before that listener runs.

const KEY = 'nanoscope.plannedHash';

/** The current address and the one it will become. */
type PlannedHash = { from: string; to: string };

export function keepPlannedHash(window: Window, to: string): void {
  const planned: PlannedHash = { from: window.location.hash, to };
  // Private windows may forbid storage, but the last change of a link is not worth an error.
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(planned));
  } catch {
    return;
  }
}

/** Corrects the address that a reload opened. Call before anything reads the hash. */
export function openPlannedHash(window: Window): void {
  const { history, location } = window;
  const planned = takePlannedHash(window);
  // If the user typed the address or came from elsewhere, that address is meant.
  if (!isReload(window) || planned?.from !== location.hash) return;
  history.replaceState(history.state, '', planned.to);
}

function isReload({ performance }: Window): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload';
}

function takePlannedHash(window: Window): PlannedHash | null {
  try {
    const planned: unknown = JSON.parse(window.sessionStorage.getItem(KEY) ?? 'null');
    window.sessionStorage.removeItem(KEY);
    return isPlannedHash(planned) ? planned : null;
  } catch {
    return null;
  }
}

function isPlannedHash(value: unknown): value is PlannedHash {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to } = value as Record<string, unknown>;
  return typeof from === 'string' && typeof to === 'string' && to.startsWith('#');
}
