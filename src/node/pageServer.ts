// The built page and a folder of this machine beside it, over HTTP, to this machine only.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { SERVED_HEADERS } from '../../pagePolicy';
import { ConfigError } from '../core/errors';

/** Where the folder lies beside the page. */
export const LOCAL = '/local';

/** Listens on the loopback address alone. page: of the built page; folder: served under LOCAL, hidden files left out;
 *  port 0: any that is free. Throws ConfigError where a folder is not there. */
export async function startPageServer(o: {
  page: string;
  folder: string | null;
  port: number;
}): Promise<Server> {
  const { page, folder, port } = o;
  if (folder !== null && !existsSync(folder)) {
    throw new ConfigError(`folder: no such folder: ${folder}`, 'folder');
  }
  if (!existsSync(join(page, 'index.html'))) {
    throw new ConfigError('serve: the page is not built; run npm run build first', 'serve');
  }
  const options = {
    dev: true,
    setHeaders: (response: { setHeader: (name: string, value: string) => void }) => {
      for (const [name, value] of Object.entries(SERVED_HEADERS)) response.setHeader(name, value);
    },
  };
  const ofPage = sirv(page, options);
  const ofFolder = folder === null ? null : sirv(folder, options);
  const server = createServer((request, response) => {
    const missing = () => {
      response.writeHead(404).end();
    };
    const { url = '/' } = request;
    if (ofFolder !== null && url.startsWith(`${LOCAL}/`)) {
      request.url = url.slice(LOCAL.length);
      if (isHidden(request.url)) missing();
      else ofFolder(request, response, missing);
    } else ofPage(request, response, missing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

/** sirv, told to look at the folder anew each time, gives hidden files, too. */
function isHidden(url: string): boolean {
  return /(^|\/|%2f)(\.|%2e)/i.test(url);
}
