// Opening a model through the whole engine, on the processor: ended by its job's id, and ending what reads the old one.
import { beforeAll, expect, it } from 'vitest';
import type { EngineApi } from '../../../../src/engine/api';
import { startNodeEngine } from '../../../helpers/engine/nodeEngine';
import { DEMO_FOLDER, makeNodeParts } from '../../../helpers/engine/nodeParts';
import { warmRuntime } from '../../../../src/model/warmRuntime';
import { createFolderFileSource } from '../../../../src/node/localFiles';

const JOB = 7;
const CANCELLED = { ok: false, problem: { kind: 'cancelled' } };
const openDevice = () =>
  Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none here' } as const);
let engine: EngineApi;

beforeAll(async () => {
  ({ engine } = await startNodeEngine(makeNodeParts({ openDevice })));
  expect(await engine.model.open({ kind: 'demo' })).toMatchObject({ ok: true });
});

it('cancelled, it leaves the model open that was, and the next one opens', async () => {
  const opening = engine.model.open({ kind: 'demo' }, JOB);
  await engine.cancel(JOB);
  expect(await opening).toMatchObject(CANCELLED);
  expect(await engine.model.tokenize('a text')).not.toHaveLength(0);
  expect(await engine.model.open({ kind: 'demo' }, JOB)).toMatchObject({ ok: true });
});

it('ends what reads the model that was', async () => {
  const check = engine.model.checkImport(100_000);
  const opening = engine.model.open({ kind: 'demo' });
  expect(await check).toMatchObject(CANCELLED);
  expect(await opening).toMatchObject({ ok: true });
});

it('has what models run on fetched and compiled before its own files are there', async () => {
  let tell: (warmed: Promise<void>) => void = () => undefined;
  const asked = new Promise<void>((resolve) => (tell = resolve));
  const files = createFolderFileSource(DEMO_FOLDER);
  const { engine: cold } = await startNodeEngine(
    makeNodeParts({
      openDevice,
      warmRuntime: (...o) => {
        const warmed = warmRuntime(...o);
        tell(warmed);
        return warmed;
      },
      demo: {
        fetchFiles: async (...o) => {
          await asked;
          return files.fetchFiles(...o);
        },
      },
    }),
  );
  expect(await cold.model.open({ kind: 'demo' })).toMatchObject({ ok: true });
  await expect(asked).resolves.toBeUndefined();
});
