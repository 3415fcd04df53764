// The service worker's file, made at build time: with it the page opens without a network from the second visit on, and
// is cross-origin isolated on hosts that send no headers. Each build has its own cache, so that files of two versions
// never meet; a new version waits until somebody asks for it.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { ISOLATION } from './pagePolicy.ts';

/** Fetched when the worker is installed: what the page needs to open, and the guide, which is small and wanted most where
 *  something is missing. All else is kept once it was used. */
const isShell = (name: string) => /^assets\/.*\.(js|css)$|^docs\/guide\//.test(name);
const PUBLIC_SHELL = ['./', './layers.css', './guide.css'];

export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const names = Object.keys(bundle).sort();
        const hash = createHash('sha256');
        for (const name of names) {
          const file = bundle[name];
          if (file === undefined) continue;
          hash.update(name).update(file.type === 'chunk' ? file.code : file.source);
        }
        const shell = [...PUBLIC_SHELL, ...names.filter(isShell).map((name) => `./${name}`)];
        const facts = { version: hash.digest('hex').slice(0, 12), shell, headers: ISOLATION };
        const source = `(${run.toString()})(${JSON.stringify(facts)});\n`;
        this.emitFile({ type: 'asset', fileName: 'serviceWorker.js', source });
      },
    },
  };
}

type Facts = {
  version: string;
  shell: readonly string[];
  headers: Readonly<Record<string, string>>;
};

/** What the worker runs; its text is written into the file, so it may use nothing from around it. */
function run({ version, shell, headers }: Facts): void {
  const worker = globalThis as unknown as ServiceWorkerGlobalScope;
  const PREFIX = 'nanoscope-';
  const name = PREFIX + version;
  const { scope } = worker.registration;

  const isolated = (response: Response): Response => {
    const all = new Headers(response.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    const { status, statusText, body } = response;
    return new Response(body, { status, statusText, headers: all });
  };
  /** Hashed names never change; the others are asked for anew. */
  const load = (url: string) =>
    fetch(url, { cache: url.includes('/assets/') ? 'default' : 'no-cache' });
  const keep = async (urls: readonly string[]) => {
    const cache = await caches.open(name);
    for (const url of urls) {
      const isOurs = url.startsWith(scope);
      if (!isOurs || (await cache.match(url)) !== undefined) continue;
      const response = await load(url);
      if (response.status === 200) await cache.put(url, response);
    }
  };

  worker.addEventListener('install', (event) => {
    const urls = shell.map((path) => new URL(path, scope).href);
    event.waitUntil(
      Promise.all(
        urls.map(async (url) => {
          const response = await load(url);
          if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
          await (await caches.open(name)).put(url, response);
        }),
      ),
    );
  });
  worker.addEventListener('activate', (event) => {
    event.waitUntil(
      (async () => {
        const names = (await caches.keys()).filter((other) => other.startsWith(PREFIX));
        // The one before stays: another tab may still run that version.
        const older = names.filter((other) => other !== name).slice(0, -1);
        await Promise.all(older.map((other) => caches.delete(other)));
        await worker.clients.claim();
      })(),
    );
  });
  worker.addEventListener('message', (event) => {
    const told = event.data as { kind: 'take-over' } | { kind: 'keep'; urls: string[] };
    if (told.kind === 'take-over') event.waitUntil(worker.skipWaiting());
    // What cannot be had now is kept when it is used next.
    else event.waitUntil(keep(told.urls).catch(() => undefined));
  });
  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    url.hash = '';
    url.search = '';
    const isOurs = url.href.startsWith(scope);
    if (request.method !== 'GET' || !isOurs || request.headers.has('range')) return;
    event.respondWith(
      (async () => {
        const key = url.href === `${scope}index.html` ? scope : url.href;
        const own = await caches.open(name);
        const isHashed = url.pathname.includes('/assets/');
        const cached = (await own.match(key)) ?? (isHashed ? await caches.match(key) : undefined);
        if (cached !== undefined) return isolated(cached);
        const response = await fetch(request);
        if (response.status === 200) {
          const copy = response.clone();
          event.waitUntil(own.put(key, copy));
        }
        return isolated(response);
      })(),
    );
  });
}
