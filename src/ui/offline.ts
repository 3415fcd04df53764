// Registers the service worker of the built page, tells it what to keep for a visit without a network, and says when a
// new version waits.
import { FILES_CHANNEL } from '../core/filesChannel';

export type NewVersion = { use: () => void };

/** Of the demo, what a first visit may not have needed: exploring, steering and training work without a network, too. */
export const DEMO_FILES = [
  'corpus.jsonl',
  'firstReading.json',
  'sae/cfg.json',
  'sae/chosen.json',
  'sae/facts.json',
  'sae/guesses.json',
  'sae/sae_weights.safetensors',
  'sae/statistics.bin',
];

/** Calls back once a newer version is ready; `use` reloads the page with it. quiet: nothing is fetched before. */
export async function keepForOffline(
  window: Window,
  { savesData, quiet }: { savesData: boolean; quiet: Promise<void> },
  onNewVersion: (version: NewVersion) => void,
): Promise<void> {
  const { navigator, document, location } = window;
  // Absent on pages that are not secure, although its type does not say so.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return;
  const used = new Set<string>();
  let worker: ServiceWorker | null = null;
  const tell = (urls: readonly string[]) => {
    for (const url of urls) used.add(url);
    worker?.postMessage({ kind: 'keep', urls });
  };
  const channel = new BroadcastChannel(FILES_CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<string[]>) => tell(data);

  await quiet;
  const file = new URL('serviceWorker.js', document.baseURI);
  const registration = await container.register(file, { updateViaCache: 'none' });
  const offer = (waiting: ServiceWorker) => {
    onNewVersion({
      use: () => {
        container.addEventListener('controllerchange', () => location.reload());
        waiting.postMessage({ kind: 'take-over' });
      },
    });
  };
  if (registration.waiting !== null && container.controller !== null) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const next = registration.installing;
    next?.addEventListener('statechange', () => {
      // The first one ever has nobody to take over from.
      if (next.state === 'installed' && container.controller !== null) offer(next);
    });
  });
  worker = (await container.ready).active;
  const demo = savesData ? [] : DEMO_FILES;
  tell([...used, ...demo.map((path) => new URL(`demo/${path}`, document.baseURI).href)]);
}
