// Composition root of the page: the engine in its worker, the store over it, React on top.
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startEngine } from './engine/client';
import { createBrowserStorage } from './storage/browserStorage';
import { createAppStore } from './store/appStore';
import { App } from './ui/App';
import { makeBrowserEnvironment } from './ui/browserEnvironment';

const root = document.getElementById('root');
if (root === null) throw new Error('invariant: index.html has no #root');

const store = createAppStore(startEngine(), makeBrowserEnvironment(window, createBrowserStorage()));
void store.start();
createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
);
