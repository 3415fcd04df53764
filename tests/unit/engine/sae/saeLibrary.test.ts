// What storage does to the library: damage to one part leaves the others, and nothing that is here is written over.
import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../../src/engine/api';
import { createSaeLibrary } from '../../../../src/engine/sae/saeLibrary';
import type { SaeRecord } from '../../../../src/engine/sae/saeRecords';
import type { Storage } from '../../../../src/storage/storage';
import { tinyStatistics } from '../../../helpers/fuzz/seeds';
import { startNodeEngine } from '../../../helpers/engine/nodeEngine';
import {
  CORPUS,
  makeWorld,
  newDisks,
  partsOver,
  saeZip,
  valueOf,
} from '../../../helpers/engine/storedWorld';

async function damaged(part: 'files' | 'statistics') {
  const disks = newDisks();
  const saeId = await makeWorld(disks);
  const record = (await disks.storage.getFacts(`sae/${saeId}`)) as SaeRecord;
  const torn = { ...record[part]!, sha256: '0'.repeat(64) };
  await disks.storage.setFacts(`sae/${saeId}`, { ...record, [part]: torn });
  return { disks, saeId };
}

it('offers to compute damaged statistics again; weights are exported all the same (7.2)', async () => {
  const { disks, saeId } = await damaged('statistics');
  const { engine } = await startNodeEngine(partsOver(disks));
  const refused = await engine.statistics.rows(saeId);
  expect(refused).toMatchObject({ ok: false, problem: { field: 'statistics' } });
  if (!refused.ok) expect(refused.problem.what).toMatch(/its bytes changed.*Compute them again/s);
  const facts = (await engine.sae.list()).find((sae) => sae.saeId === saeId);
  expect(facts).toMatchObject({ statisticsTokens: 0 });
  expect(facts?.statisticsDamage).toContain('its bytes changed in storage');
  expect(valueOf(await engine.sae.export(saeId)).size).toBeGreaterThan(100);
  expect(valueOf(await engine.statistics.notes(saeId))).toHaveLength(1);

  const library = createSaeLibrary(partsOver(disks), () => undefined);
  await library.setStatistics(saeId, tinyStatistics(), CORPUS);
  const fresh = await startNodeEngine(partsOver(disks));
  expect(valueOf(await fresh.engine.statistics.rows(saeId))).toHaveLength(2);
});

it('says that damaged weights are mended by importing them again, and they are (7.2)', async () => {
  const { disks, saeId } = await damaged('files');
  const { engine } = await startNodeEngine(partsOver(disks));
  const refused = await engine.sae.export(saeId);
  expect(refused).toMatchObject({ ok: false, problem: { kind: 'file' } });
  if (!refused.ok) expect(refused.problem.wayOut).toMatch(/^Import its files again/);
  valueOf(await engine.sae.import(saeZip(1)));
  const fresh = await startNodeEngine(partsOver(disks));
  expect(valueOf(await fresh.engine.sae.export(saeId)).size).toBeGreaterThan(100);
  expect(valueOf(await fresh.engine.statistics.rows(saeId))).toHaveLength(2);
});

it('opens an SAE that is imported again as it is, and says so (7.13)', async () => {
  const disks = newDisks();
  const saeId = await makeWorld(disks);
  const { engine, waitFor } = await startNodeEngine(partsOver(disks));
  const told = waitFor(({ kind }) => kind === 'notice');
  expect(valueOf(await engine.sae.import(saeZip(1)))).toMatchObject({
    saeId,
    statisticsTokens: 100,
  });
  expect(await told).toMatchObject({ text: expect.stringContaining('is here already') as string });
  expect(valueOf(await engine.statistics.rows(saeId))).toHaveLength(2);
  expect(valueOf(await engine.statistics.notes(saeId))).toMatchObject([{ label: 'dogs' }]);
  expect(await engine.evaluate.list()).toHaveLength(1);
});

it('lists every sound record beside a bad one, which has a name, Export raw and Delete (7.4)', async () => {
  const disks = newDisks();
  const saeId = await makeWorld(disks);
  const { storage } = disks;
  const bad: Record<string, unknown> = {
    'run/x': {},
    'sae/x': {},
    [`notes/${saeId}`]: [...((await storage.getFacts(`notes/${saeId}`)) as unknown[]), 'no note'],
    'evaluation/x': null,
    'kept-model/x': { id: 3 },
    'vector/x': { facts: {} },
    'page/steer-presets': [{ id: 'p-1', name: 'a', hash: '#v=1' }, 7],
  };
  for (const [key, record] of Object.entries(bad)) await storage.setFacts(key, record);
  await disks.pieces.set('job x', { files: 3 });
  bad['job x'] = null;
  const { engine, waitFor } = await startNodeEngine(partsOver(disks));
  const told = await waitFor(({ kind }) => kind === 'unreadable');
  const named = (event: EngineEvent) =>
    event.kind === 'unreadable' ? event.records.map(({ key }) => key) : [];
  expect(named(told).sort()).toEqual(Object.keys(bad).sort());
  expect((await engine.sae.list()).map((sae) => sae.saeId)).toContain(saeId);
  expect((await engine.train.list()).map((run) => run.runId)).toEqual(['run-1']);
  expect(valueOf(await engine.statistics.notes(saeId))).toMatchObject([{ label: 'dogs' }]);
  expect(await engine.evaluate.list()).toHaveLength(1);
  for (const key of Object.keys(bad)) {
    expect(valueOf(await engine.records.exportRaw(key)).size).toBeGreaterThan(0);
    valueOf(await engine.records.delete(key));
  }
  await expectSound(storage, saeId);
});

/** What was sound is as it was, the bad is gone. */
async function expectSound(storage: Storage, saeId: string): Promise<void> {
  expect(await storage.getFacts(`notes/${saeId}`)).toMatchObject([{ label: 'dogs' }]);
  const keys = await storage.keys('');
  expect(keys.filter((key) => key.endsWith('/x'))).toEqual([]);
  expect(keys).toContain('run/run-1');
  expect(await storage.getFacts('page/steer-presets')).toMatchObject([{ id: 'p-1' }]);
}

it('keeps a new name, and everything under the old id (8)', async () => {
  const disks = newDisks();
  const saeId = await makeWorld(disks);
  const { engine } = await startNodeEngine(partsOver(disks));
  expect(await engine.sae.rename(saeId, '  ')).toMatchObject({ ok: false });
  expect(valueOf(await engine.sae.rename(saeId, ' colours '))).toMatchObject({ name: 'colours' });
  const fresh = await startNodeEngine(partsOver(disks));
  const kept = (await fresh.engine.sae.list()).find((sae) => sae.saeId === saeId);
  expect(kept?.name).toBe('colours');
  expect(valueOf(await fresh.engine.statistics.notes(saeId))).toHaveLength(1);
});
