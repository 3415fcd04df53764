// Composition root of the page: the engine in its worker, the store over it, React on top.
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startEngine } from './engine/client';
import { createBrowserStorage } from './storage/browserStorage';
import { fetchFirstReading } from './storage/firstReadingFile';
import { createBrowserLocks } from './storage/tabLocks';
import { makeWriter } from './storage/writer';
import { createAppStore } from './store/appStore';
import { App } from './ui/App';
import { makeBrowserEnvironment } from './ui/browserEnvironment';

const root = document.getElementById('root');
if (root === null) throw new Error('invariant: index.html has no #root');

// Asked for at once: it is to be painted while the worker still loads.
const firstReading = fetchFirstReading(new URL('demo/', document.baseURI).href);
// Undefined on pages that are not secure, although its type does not say so.
const writer = makeWriter(createBrowserLocks(globalThis.navigator.locks));
const store = createAppStore(
  startEngine(),
  makeBrowserEnvironment(window, createBrowserStorage(writer), () => firstReading),
);
void store.start();
createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
);
