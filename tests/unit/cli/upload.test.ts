// `nanoscope upload` on files of an export, against a local server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../helpers/engine/runCommand';

const KEY = 'sk-np-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'nanoscope-upload-'));
let heard: string[] = [];
const server = createServer((request, response) => {
  heard.push(`${request.url} ${String(request.headers['x-api-key'])}`);
  request.resume().on('end', () => response.end('{}'));
});
let site = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const write = (name: string, json: object) => {
    writeFileSync(join(folder, name), JSON.stringify(json));
  };
  write('model.json', { id: 'nanochat-d4', layers: 4, displayName: 'd4' });
  write('source-set.json', { name: 'res-x', modelId: 'nanochat-d4', description: 'x' });
  write('features-0000.json', {
    modelId: 'nanochat-d4',
    source: '1-res-x',
    features: [
      {
        index: 3,
        density: 0.1,
        topLogits: [],
        bottomLogits: [],
        explanations: [{ text: 'dogs' }],
        activations: [
          { tokens: ['a'], values: [1], quantileMin: -1, quantileMax: 1, quantileFraction: 0 },
        ],
      },
    ],
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  heard = [];
  vi.stubEnv('NEURONPEDIA_API_KEY', KEY);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it('lists what would leave and sends nothing in a dry run, and without a yes', async () => {
  const dry = await runCommand(['upload', folder, '--site', site, '--dry-run']);
  expect(dry.code).toBe(0);
  expect(dry.out).toContain('1-res-x of nanochat-d4, unlisted');
  expect(dry.out).toContain('1 features');
  expect(dry.out).toContain('Nothing was sent.');
  const asked = await runCommand(['upload', folder, '--site', site]);
  expect(asked.code).toBe(1);
  expect(asked.notes.at(-1)).toContain('add --yes');
  expect(heard).toEqual([]);
});

it('needs the key of its user', async () => {
  vi.stubEnv('NEURONPEDIA_API_KEY', '');
  const run = await runCommand(['upload', folder, '--site', site, '--yes']);
  expect(run.notes.at(-1)).toContain('set NEURONPEDIA_API_KEY to yours');
  expect(heard).toEqual([]);
});

it('sends it with a yes, notes it, and does not send it again', async () => {
  const run = await runCommand(['upload', folder, '--site', site, '--yes']);
  expect(run.out).toContain('3 requests sent, 0 were there already.');
  expect(heard).toEqual([
    `/api/model/new ${KEY}`,
    `/api/source-set/new ${KEY}`,
    `/api/feature/upload-batch ${KEY}`,
  ]);
  expect(readFileSync(join(folder, 'uploaded.json'), 'utf8')).not.toContain(KEY);
  expect([run.out, ...run.notes].join()).not.toContain(KEY);
  const again = await runCommand(['upload', folder, '--site', site, '--yes']);
  expect(again.out).toContain('0 requests sent, 3 were there already.');
  expect(heard).toHaveLength(3);
});
