// A `setImmediate` under which Dawn in Node asks its driver for news less often.

/** Milliseconds for which Dawn may ask in every turn of the event loop: what takes no longer is answered without delay. */
const EAGER_MS = 0.5;
/** Milliseconds between two questions after that. */
const PATIENT_MS = 1;

type Callback = (...args: unknown[]) => void;

/** While anything is under way, Dawn asks its driver for news in every turn of the event loop, each time by a new function
 *  that it hands to the global `setImmediate` (AsyncRunner::ScheduleProcessEvents in Dawn's src/dawn/node/binding). That
 *  keeps a whole core busy with asking, one on which a software adapter would compile and compute. The function returned
 *  puts a timer between two questions once a wait is long; for everyone else it is `inNextTurn`. */
export function pacedImmediate(o: {
  inNextTurn: (run: Callback, ...args: unknown[]) => unknown;
  later: (run: () => void, milliseconds: number) => unknown;
  /** milliseconds of any clock */
  now: () => number;
}): (run: Callback, ...args: unknown[]) => unknown {
  let isAsking = false;
  let waitingSince = 0;
  return (run, ...args) => {
    if (!isDawns(run)) return o.inNextTurn(run, ...args);
    // Work that begins asks for a turn from outside a question.
    if (!isAsking) waitingSince = o.now();
    const ask = () => {
      isAsking = true;
      try {
        run();
      } finally {
        isAsking = false;
      }
    };
    return o.now() - waitingSince < EAGER_MS ? o.inNextTurn(ask) : o.later(ask, PATIENT_MS);
  };
}

/** Dawn's own is native and has no name. */
export function isDawns(run: (...args: never[]) => void): boolean {
  return run.name === '' && String(run) === 'function () { [native code] }';
}
