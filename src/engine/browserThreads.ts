// What every engine in a browser has from it: turns of the event loop, and threads beside its own.
import type { ThreadSource } from '../cpu/kernelThreads';

/** One turn of the event loop by a message to ourselves, which browsers do not throttle. */
export function makeTurn(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let waiting: (() => void)[] = [];
  port1.onmessage = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

/** One a core, and no more than pay: the work is cut in as many parts. null where memory cannot be shared, or where it
 *  is not allowed to wait for a thread: in the page's own. */
export function browserThreads(cores = navigator.hardwareConcurrency): ThreadSource | null {
  const isWorker = typeof WorkerGlobalScope !== 'undefined';
  if (!isWorker || !globalThis.crossOriginIsolated) return null;
  const start = () =>
    new Worker(new URL('../cpu/kernelThread.js', import.meta.url), { type: 'module' });
  return { count: Math.min(8, cores) - 1, start };
}
