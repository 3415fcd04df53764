// `nanoscope serve`: the page, and a folder of this machine beside it, to this machine only.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageFolder } from '../node/packageFolder';
import { LOCAL, startPageServer } from '../node/pageServer';
import type { CliIo } from './io';
import { pathOf, wholeNumber } from './options';

export function addServeCommand(program: Command, io: CliIo): void {
  program
    .command('serve')
    .argument('[folder]', 'of SAEs and checkpoints, served under /local/')
    .description('serve the page on this machine, offline, with a folder beside it')
    .option('--port <number>', '0: any that is free', wholeNumber, 4173)
    .addHelpText('after', '\nExamples:\n  nanoscope serve out')
    .action(async (folder: string | undefined, { port }: { port: number }) => {
      const server = await startPageServer({
        page: join(packageFolder(), 'dist'),
        folder: folder === undefined ? null : pathOf(io, folder),
        port,
      });
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
