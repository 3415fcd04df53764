// `nanoscope serve`: the page, and a folder of this machine beside it, to this machine only.
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import sirv from 'sirv';
import { SERVED_HEADERS } from '../../pagePolicy';
import { ConfigError } from '../core/errors';
import { packageFolder } from '../node/packageFolder';
import type { CliIo } from './io';
import { pathOf, wholeNumber } from './options';

/** Where the folder lies beside the page. */
const LOCAL = '/local';

export function addServeCommand(program: Command, io: CliIo): void {
  program
    .command('serve')
    .argument('[folder]', 'of SAEs and checkpoints, served under /local/')
    .description('serve the page on this machine, offline, with a folder beside it')
    .option('--port <number>', '0: any that is free', wholeNumber, 4173)
    .addHelpText('after', '\nExamples:\n  nanoscope serve out')
    .action(async (folder: string | undefined, { port }: { port: number }) => {
      const server = await startServer(folder === undefined ? null : pathOf(io, folder), port);
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      io.print(`The page: ${address}`);
      if (folder !== undefined) io.print(`${folder}: ${address.slice(0, -1)}${LOCAL}/`);
      io.note('Ctrl-C ends it.');
      await new Promise<void>((resolve) => {
        if (io.interrupt.aborted) resolve();
        io.interrupt.addEventListener('abort', () => resolve());
      });
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    });
}

/** Listens on the loopback address alone. Throws ConfigError where the page is not built or the folder is not there. */
async function startServer(folder: string | null, port: number): Promise<Server> {
  const page = join(packageFolder(), 'dist');
  if (!existsSync(join(page, 'index.html'))) {
    throw new ConfigError('serve: the page is not built; run npm run build first', 'serve');
  }
  if (folder !== null && !existsSync(folder)) {
    throw new ConfigError(`folder: no such folder: ${folder}`, 'folder');
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
      ofFolder(request, response, missing);
    } else ofPage(request, response, missing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
