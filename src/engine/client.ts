// The page's side of the connection: starts the worker and calls EngineApi on it.
import { proxy, wrap } from 'comlink';
import type { EngineApi } from './api';

/** Rejected with where the worker's script did not load or stopped while it began: whatever was asked of it then is
 *  never answered. */
type Beginning = Promise<never>;

export function startEngine(): EngineApi {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const failure: Beginning = new Promise((_, reject) => {
    worker.onerror = ({ message }) => {
      // A script that did not arrive says nothing.
      reject(new Error(message || 'its files did not load'));
    };
  });
  // After the first answer nobody waits for it; errors of commands come as their answers.
  failure.catch(() => undefined);
  // Comlink sends a call by the path of names that leads to it, so that a slice's commands need nothing more.
  const remote = wrap<EngineApi>(worker);
  // The remote is EngineApi but for the callback, which must cross as a proxy.
  const subscribe: EngineApi['subscribe'] = (listener) =>
    Promise.race([remote.subscribe(proxy(listener)), failure]);
  return new Proxy(remote as unknown as EngineApi, {
    get: (target, name) =>
      name === 'subscribe' ? subscribe : target[name as Exclude<keyof EngineApi, 'subscribe'>],
  });
}
