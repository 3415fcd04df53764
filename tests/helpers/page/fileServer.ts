// A small http server over a folder or made-up files, for downloads: CORS, ranges, index pages, and the ways
// a server can fail. Loopback only.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type FileServer = {
  url: string;
  /** method, path and Range of every request */
  requests: string[];
  behaviour: Behaviour;
  close: () => Promise<void>;
};

type Behaviour = {
  hasRange: boolean;
  hasCors: boolean;
  etag: string | null;
  /** breaks the connection after so many bytes of a body */
  dieAfter: number;
  /** added to what Content-Length says */
  lie: number;
  /** bytes of a body, rounded up to a 64 KiB part, after which nothing more comes until this is raised */
  holdAfter: number;
};

const PART = 64 * 1024;

/** files: by path, '/a/b.bin'; or a folder whose content is served under '/'. */
export async function startFileServer(
  files: ReadonlyMap<string, Buffer> | string,
  port = 0,
): Promise<FileServer> {
  const behaviour: Behaviour = {
    hasRange: true,
    hasCors: true,
    etag: '"one"',
    dieAfter: Infinity,
    lie: 0,
    holdAfter: Infinity,
  };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    requests.push(`${request.method ?? ''} ${path} ${request.headers.range ?? ''}`.trim());
    answer(typeof files === 'string' ? readPath(files, path) : lookUp(files, path));

    function answer(found: Buffer | string | null) {
      if (behaviour.hasCors) {
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range');
      }
      if (found === null) response.writeHead(404).end();
      else if (typeof found === 'string') {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(found);
      } else void sendFile(found, behaviour, request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: at } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${at}`,
    requests,
    behaviour,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function sendFile(
  bytes: Buffer,
  behaviour: Behaviour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const from = behaviour.hasRange && wanted !== undefined ? Number(wanted) : 0;
  if (behaviour.etag !== null) response.setHeader('ETag', behaviour.etag);
  response.setHeader('Content-Length', bytes.length - from + behaviour.lie);
  if (from > 0) {
    response.setHeader('Content-Range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
  }
  response.writeHead(from > 0 ? 206 : 200, { 'Content-Type': 'application/octet-stream' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const end = Math.min(bytes.length, from + behaviour.dieAfter);
  const isGone = () => response.destroyed;
  for (let at = from; at < end && !isGone(); at += PART) {
    while (at - from >= behaviour.holdAfter && !isGone()) await sleep(5);
    // Handed to the system before the connection may be cut: what was sent arrives.
    const part = bytes.subarray(at, Math.min(end, at + PART));
    await new Promise<void>((resolve) => response.write(part, () => resolve()));
    await sleep(0);
  }
  if (end < bytes.length || behaviour.lie > 0) response.destroy();
  else response.end();
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function lookUp(files: ReadonlyMap<string, Buffer>, path: string): Buffer | string | null {
  const found = files.get(path);
  if (found !== undefined || !path.endsWith('/')) return found ?? null;
  const names = [...files.keys()]
    .filter((file) => file.startsWith(path))
    .map((file) => /^[^/]+\/?/.exec(file.slice(path.length))?.[0] ?? '');
  return names.length === 0 ? null : indexPage([...new Set(names)]);
}

function readPath(folder: string, path: string): Buffer | string | null {
  const at = join(folder, path);
  try {
    if (!statSync(at).isDirectory()) return readFileSync(at);
    const entries = readdirSync(at, { withFileTypes: true });
    return indexPage(entries.map((e) => (e.isDirectory() ? `${e.name}/` : e.name)));
  } catch {
    return null;
  }
}

/** As python -m http.server writes it. */
function indexPage(names: readonly string[]): string {
  const links = names.map((name) => `<li><a href="${encodeURI(name)}">${name}</a></li>`);
  return `<!DOCTYPE HTML><html><body><h1>Directory listing</h1><ul><li><a href="../">../</a></li>${links.join('')}</ul></body></html>`;
}
