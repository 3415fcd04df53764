// The engine's way from an address to an open model, and one id for both forms of a model.
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { EngineApi } from '../../../../src/engine/api';
import type { ModelSource } from '../../../../src/engine/model/api';
import { startNodeEngine } from '../../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { exportedFiles, nativeFiles } from '../../../helpers/model/hfFixture';
import { startFileServer } from '../../../helpers/page/fileServer';
import type { FileServer } from '../../../helpers/page/fileServer';

let server: FileServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function startEngine() {
  const noGpu = () => Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none' } as const);
  return startNodeEngine(makeNodeParts({ openDevice: noGpu }));
}
const open = async (engine: EngineApi, source: ModelSource) => {
  const outcome = await engine.model.open(source);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
};

it('knows the same tensors as .pt and as safetensors, and what config.json sets otherwise (7.12)', async () => {
  const { engine } = await startEngine();
  const native = await open(engine, { kind: 'files', files: nativeFiles('sharded') });
  const exported = await open(engine, { kind: 'files', files: exportedFiles('sharded') });
  expect(native.id).toMatch(/^sharded~[0-9a-f]{12}$/);
  expect(exported.formerId).toBe(native.id);
  // Its config.json asks for tables in f32.
  expect(exported.id).not.toBe(native.id);
  const other = await open(engine, { kind: 'files', files: exportedFiles('tied') });
  expect(other.id).not.toBe(native.id);
});

it('lists, downloads on consent, goes on after a cancel, opens, and deletes', async () => {
  const files = new Map<string, Buffer>();
  for (const { path, blob } of nativeFiles('sharded')) {
    files.set(`/chatsft_checkpoints/${path}`, Buffer.from(await blob.arrayBuffer()));
  }
  const pickle = readFileSync('tests/fixtures/hf/sharded/tokenizer.pkl');
  files.delete('/chatsft_checkpoints/sharded/tokenizer.pkl');
  files.set('/tokenizer/tokenizer.pkl', pickle);
  server = await startFileServer(files);
  const { engine, events, waitFor } = await startEngine();
  const listed = await engine.model.listRemote(`${server.url}/chatsft_checkpoints/sharded`);
  if (!listed.ok) throw new Error(listed.problem.what);
  const [model] = listed.value.models;
  expect(model).toMatchObject({ stage: 'sft', step: 0, problem: null });
  expect(model!.files.map((file) => file.path.split('/').at(-1))).toEqual([
    ...['meta_000000.json', 'tokenizer.pkl', 'model_000000.pt'],
  ]);
  const { url } = listed.value;
  const source = { kind: 'url', url, folder: model!.folder, step: 0 } as const;

  // Only the weights are longer: of them one part comes.
  server.behaviour.holdAfter = 64 * 1024;
  const arrived = waitFor(
    (event) => event.kind === 'progress' && (event.progress?.done ?? 0) >= 64 * 1024,
  );
  const first = engine.model.open(source, 7);
  await arrived;
  await engine.cancel(7);
  expect(await first).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  server.behaviour.holdAfter = Infinity;
  expect(await open(engine, source)).toMatchObject({ name: 'sharded', revision: 'r1' });
  expect(server.requests.at(-1)).toMatch(/^GET .*\.pt bytes=\d+-$/);

  const asked = server.requests.length;
  await open(engine, source);
  expect(server.requests).toHaveLength(asked);
  const kept = events.flatMap((event) => (event.kind === 'downloads' ? [event.downloads] : []));
  expect(kept.at(-1)).toMatchObject([{ isWhole: true, tag: 'sharded' }]);
  await engine.model.deleteDownload(kept.at(-1)![0]!.id);
  expect(events.findLast((event) => event.kind === 'downloads')).toMatchObject({ downloads: [] });
});
