// A static host as anybody has one: the built page in a folder of it, files by their path, no headers but their type and what
// a test gives it. It can be taken away, and serve another build than before.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export type PlainHost = {
  /** of the page, which lies in a folder */
  url: string;
  /** paths under the folder, asked for so far */
  asked: string[];
  /** What a path answers from now on, instead of its file. */
  replace: (path: string, change: (text: string) => string) => void;
  /** sent with every answer, beside the type; can be changed */
  headers: Record<string, string>;
  close: () => Promise<void>;
};

/** path: where it lies on the host, with a slash at both ends. */
export async function openPlainHost(root: string, path = '/page/'): Promise<PlainHost> {
  const asked: string[] = [];
  const headers: Record<string, string> = {};
  const changes = new Map<string, (text: string) => string>();
  const answer = async (name: string): Promise<Buffer | string> => {
    const file = join(root, name.endsWith('/') || name === '' ? 'index.html' : name);
    const change = changes.get(name);
    return change === undefined ? readFile(file) : change(await readFile(file, 'utf8'));
  };
  const server = createServer((request, response) => {
    const asks = normalize(new URL(request.url ?? '/', 'http://host').pathname);
    if (!asks.startsWith(path)) {
      response.writeHead(404).end();
      return;
    }
    const name = asks.slice(path.length);
    asked.push(name);
    const type = TYPES[name === '' ? '.html' : extname(name)] ?? 'application/octet-stream';
    answer(name).then(
      (body) => response.writeHead(200, { ...headers, 'Content-Type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    asked,
    headers,
    replace: (path, change) => void changes.set(path, change),
    close: () => closeAll(server),
  };
}

function closeAll(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
