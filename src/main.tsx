// Composition root of the page: the engine in its worker, the store over it, React on top.
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startEngine } from './engine/client';
import { keepStorage, readStorageRoom } from './storage/browserRoom';
import { openBrowserStores } from './storage/browserStores';
import { fetchFirstReading } from './storage/firstReadingFile';
import { createBrowserNews, tellingStorage } from './storage/tabNews';
import { createAppStore, whenOpened } from './store/appStore';
import { App } from './ui/App';
import { makeBrowserEnvironment } from './ui/browserEnvironment';
import { keepForOffline } from './ui/offline';
import { loadAhead } from './ui/parts/load/lazyPart';

const root = document.getElementById('root');
if (root === null) throw new Error('invariant: index.html has no #root');

// Undefined on pages that are not secure, although its type does not say so.
const room = globalThis.navigator.storage as StorageManager | undefined;
// Asked for at once: it is to be painted while the worker still loads.
const firstReading = fetchFirstReading(new URL('demo/', document.baseURI).href);
// Presets are the page's own records; what it writes, other tabs hear of.
const storage = tellingStorage(openBrowserStores().storage, createBrowserNews());
const environment = makeBrowserEnvironment(window, storage, {
  readFirstReading: () => firstReading,
  readRoom: () => readStorageRoom(room),
  keepStorage: () => keepStorage(room),
});
const store = createAppStore(startEngine(), environment);
void store.start();
// What is for later must slow down nothing that is wanted now: the page itself, then the model, which the first click uses.
const quiet = whenOpened(store).then(environment.whenIdle);
// Once somebody begins to use the page: a screen is then there as soon as it is asked for.
if (!environment.savesData) {
  for (const kind of ['pointermove', 'keydown']) {
    addEventListener(kind, () => void quiet.then(loadAhead), { once: true });
  }
}
// In somebody's page it keeps nothing.
if (import.meta.env.PROD && store.getState().share.embed === null) {
  const { savesData } = environment;
  const offer = store.actions.shell.offerVersion;
  // Where the browser allows none, the page works as it would without.
  keepForOffline(window, { savesData, quiet }, offer).catch(() => undefined);
}

createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
);
