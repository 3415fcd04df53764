// Composition root inside the Web Worker: the engine with the browser's parts, exposed through comlink.
import { expose } from 'comlink';
import { FILES_CHANNEL } from '../core/filesChannel';
import { openDevice } from '../gpu/device/device';
import { openBrowserStores } from '../storage/browserStores';
import { createHttpFileSource } from '../storage/demoFiles';
import { createBrowserNews, tellingStorage } from '../storage/tabNews';
import type { EngineApi } from './api';
import { browserThreads, makeTurn } from './browserThreads';
import { createEngine } from './createEngine';
import { activationRoom } from '../storage/browserRoom';

const news = createBrowserNews();
const stores = openBrowserStores();

const engine: EngineApi = createEngine({
  openDevice: () => openDevice(globalThis.navigator.gpu),
  createRuntime: async (o) => (await import('../model/modelRuntime')).createModelRuntime(o),
  warmRuntime: async (...o) => (await import('../model/warmRuntime')).warmRuntime(...o),
  kernelThreads: browserThreads(),
  storage: tellingStorage(stores.storage, news),
  locks: stores.locks,
  isStorageRefused: stores.isRefused,
  news,
  pieces: stores.pieces,
  demo: createHttpFileSource(new URL('demo/', pageUrl()).href),
  now: () => performance.now(),
  wallClock: () => Date.now(),
  files: stores.files,
  activationRoom: async () =>
    (await stores.isRefused()) ? 0 : activationRoom(globalThis.navigator.storage),
  schedule: (run, milliseconds) => setTimeout(run, milliseconds),
  breathe: makeTurn(),
});

expose(engine);
tellFetchedFiles();

/** So that the page can have them kept for a visit without a network. */
function tellFetchedFiles(): void {
  const channel = new BroadcastChannel(FILES_CHANNEL);
  const tell = (entries: PerformanceObserverEntryList) => {
    channel.postMessage(entries.getEntries().map(({ name }) => name));
  };
  new PerformanceObserver(tell).observe({ type: 'resource', buffered: true });
}

/** Folder of index.html: the built worker lies under assets/, the dev server's at its root. */
function pageUrl(): URL {
  return new URL(import.meta.env.PROD ? '../' : '/', location.href);
}
