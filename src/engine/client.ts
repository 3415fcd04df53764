// The page's side of the connection: starts the worker and calls EngineApi on it.
import { proxy, wrap } from 'comlink';
import type { EngineApi } from './api';

export function startEngine(): EngineApi {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  // Comlink sends a call by the path of names that leads to it, so that a slice's commands need nothing more.
  const remote = wrap<EngineApi>(worker);
  // The remote is EngineApi but for the callback, which must cross as a proxy.
  const subscribe: EngineApi['subscribe'] = (listener) => remote.subscribe(proxy(listener));
  return new Proxy(remote as unknown as EngineApi, {
    get: (target, name) =>
      name === 'subscribe' ? subscribe : target[name as Exclude<keyof EngineApi, 'subscribe'>],
  });
}
