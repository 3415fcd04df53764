// Composition root inside the Web Worker: the engine with the browser's parts, exposed through comlink.
import { expose } from 'comlink';
import { openDevice } from '../gpu/device';
import { createBrowserStorage } from '../storage/browserStorage';
import { createHttpFileSource } from '../storage/demoFiles';
import type { EngineApi } from './api';
import { createEngine } from './createEngine';

const engine: EngineApi = createEngine({
  openDevice: () => openDevice(globalThis.navigator.gpu),
  storage: createBrowserStorage(),
  demo: createHttpFileSource(new URL('demo/', pageUrl()).href),
  now: () => performance.now(),
  schedule: (run, milliseconds) => setTimeout(run, milliseconds),
});

expose(engine);

/** Folder of index.html: the built worker lies under assets/, the dev server's at its root. */
function pageUrl(): URL {
  return new URL(import.meta.env.PROD ? '../' : '/', location.href);
}
