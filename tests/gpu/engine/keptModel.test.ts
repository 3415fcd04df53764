// Opening, keeping, precision and loss through a whole engine in Node.
import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/engine/api';
import { DEMO_MODEL_ID } from '../../../src/engine/model/modelImport';
import type { EngineParts } from '../../../src/engine/parts';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

type KeptModels = Extract<EngineEvent, { kind: 'keptModels' }>;

async function openDemo(parts: EngineParts) {
  const started = await startNodeEngine(parts);
  const opened = await started.engine.model.open({ kind: 'demo' });
  if (!opened.ok) throw new Error(opened.problem.what);
  const kept = () => started.events.findLast((e): e is KeptModels => e.kind === 'keptModels');
  /** Resolves once `test` accepts what is kept, now or later. */
  const waitUntilKept = async (test: (kept: KeptModels) => boolean) => {
    const now = kept();
    if (now !== undefined && test(now)) return;
    await started.waitFor((event) => event.kind === 'keptModels' && test(event));
  };
  return { ...started, facts: opened.value, kept, waitUntilKept };
}

it('the demo is kept, and the next engine opens it without the network', async () => {
  const shared = { storage: createMemoryStorage(), files: createMemoryFileStore() };
  const first = await openDemo(makeNodeParts({ ...shared, openDevice: borrowDevice }));
  await first.waitUntilKept(({ models }) => models.length === 1);
  const offline = { fetchFiles: () => Promise.reject(new Error('offline')) };
  const second = await startNodeEngine(
    makeNodeParts({ ...shared, openDevice: borrowDevice, demo: offline }),
  );
  const again = await second.engine.model.open({ kind: 'demo' });
  expect(again).toEqual({ ok: true, value: first.facts });
  const listed = await second.engine.model.open({ kind: 'kept', id: DEMO_MODEL_ID });
  expect(listed).toEqual({ ok: true, value: first.facts });
  await second.engine.model.deleteKept(DEMO_MODEL_ID);
  const gone = await second.engine.model.open({ kind: 'kept', id: DEMO_MODEL_ID });
  expect(gone).toMatchObject({ ok: false, problem: { kind: 'file' } });
});

it('a full disk does not fail the import: the page is told that it was not kept', async () => {
  const demo = await openDemo(
    makeNodeParts({ openDevice: borrowDevice, files: createMemoryFileStore(1000) }),
  );
  await demo.waitUntilKept(({ note }) => note !== null);
  expect(demo.kept()).toEqual({
    kind: 'keptModels',
    models: [],
    note: 'demo works, but this browser could not store it for the next visit: its storage is full.',
  });
});

it('int8 changes the validation loss by little and int4 by more; f16 is refused on wasm', async () => {
  const { engine, events } = await openDemo(makeNodeParts({ openDevice: borrowDevice }));
  expect(events.findLast((e) => e.kind === 'needs')?.needs.map((n) => n.refusal === null)).toEqual([
    ...[true, false, true, true],
  ]);
  const refused = await engine.model.setPrecision('f16');
  expect(refused).toMatchObject({ ok: false, problem: { kind: 'config', field: 'precision' } });
  const change: Record<string, number> = {};
  for (const precision of ['int8', 'int4'] as const) {
    expect(await engine.model.setPrecision(precision)).toMatchObject({ ok: true });
    const loss = await engine.model.measurePrecisionLoss(256);
    if (!loss.ok) throw new Error(loss.problem.what);
    expect(loss.value).toMatchObject({ precision, tokens: 256, corpus: 'demo' });
    change[precision] = loss.value.nats - (loss.value.exactNats ?? NaN);
  }
  // Measured: -0.0007 and +0.0351 nats; on 1,024 tokens +0.0002 and +0.0100.
  expect(Math.abs(change['int8']!)).toBeLessThan(0.01);
  expect(change['int4']).toBeGreaterThan(0.001);
  expect(change['int4']).toBeLessThan(0.2);
});
