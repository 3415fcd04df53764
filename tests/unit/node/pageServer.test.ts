// What `nanoscope serve` answers: the page with its headers, the folder beside it, and nothing else of this machine.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SERVED_HEADERS } from '../../../pagePolicy';
import { startPageServer } from '../../../src/node/pageServer';
import { runCommand } from '../../helpers/engine/runCommand';

const root = mkdtempSync(join(tmpdir(), 'nanoscope-serve-'));
const [page, folder] = [join(root, 'page'), join(root, 'saes')];
let server: Server;

beforeAll(async () => {
  for (const path of [page, folder]) mkdirSync(path);
  writeFileSync(join(page, 'index.html'), 'the page');
  writeFileSync(join(folder, 'cfg.json'), '{}');
  writeFileSync(join(folder, '.secret'), 'hidden');
  writeFileSync(join(root, 'above.txt'), 'above');
  server = await startPageServer({ page, folder, port: 0 });
});
afterAll(() => {
  server.close();
  rmSync(root, { recursive: true });
});

/** As written: `fetch` would tidy the path up. */
async function ask(path: string): Promise<IncomingMessage & { text: string }> {
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path }, resolve).on('error', reject);
  });
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return Object.assign(response, { text });
}

it('is the page, isolated, and the folder under /local/, to this machine only', async () => {
  expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
  const first = await ask('/');
  expect(first.text).toBe('the page');
  for (const [name, value] of Object.entries(SERVED_HEADERS)) {
    expect(first.headers[name.toLowerCase()]).toBe(value);
  }
  expect((await ask('/local/cfg.json')).text).toBe('{}');
});

it.each([
  '/nothing',
  '/local/nothing',
  '/local/.secret',
  '/local/../above.txt',
  '/local/%2e%2e/above.txt',
  '/../above.txt',
])('is not %s', async (path) => {
  const { statusCode, text } = await ask(path);
  expect(statusCode).toBe(404);
  expect(text).toBe('');
});

it('refuses a folder that is not there, and a page that is not built', async () => {
  const run = await runCommand(['serve', 'nowhere']);
  expect(run.code).toBe(1);
  expect(run.notes.at(-1)).toMatch(/folder: no such folder: .*nowhere/);
  await expect(startPageServer({ page: folder, folder: null, port: 0 })).rejects.toThrow(
    'the page is not built',
  );
});
