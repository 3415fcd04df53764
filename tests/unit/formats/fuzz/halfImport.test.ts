// A damaged folder dropped on the running engine: it is refused with what was open left open and storage left as it
// was, or it opens whole. Never half a model.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EngineApi, EngineEvent } from '../../../../src/engine/api';
import type { ModelFacts } from '../../../../src/engine/model/api';
import { createEngine } from '../../../../src/engine/createEngine';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { editedBytes } from '../../../helpers/fuzz/edits';
import { tinyFolder } from '../../../helpers/fuzz/seeds';

const SEED = 20261124;
const DROPS_PER_FILE = 100;
const noDevice = () =>
  Promise.resolve({ ok: false as const, reason: 'no-webgpu' as const, message: 'none here' });

type Folder = ReturnType<typeof tinyFolder>;

function open(engine: EngineApi, { model, meta, tokenizer }: Folder) {
  const file = (path: string, bytes: Uint8Array) => ({ path, blob: new Blob([bytes.slice()]) });
  return engine.model.open({
    kind: 'files',
    files: [
      file('run/model_000007.pt', model),
      file('run/meta_000007.json', meta),
      file('run/tokenizer.pkl', tokenizer),
    ],
  });
}

it('opens whole or changes nothing, whatever is dropped', async () => {
  const storage = createMemoryStorage();
  const engine = createEngine(makeNodeParts({ openDevice: noDevice, storage }));
  let shown: ModelFacts | null = null;
  await engine.subscribe((events: EngineEvent[]) => {
    for (const event of events) if (event.kind === 'model') shown = event.model;
  });
  const sound = tinyFolder();
  const first = await open(engine, sound);
  if (!first.ok) throw new Error(first.problem.what);
  let current = first.value;
  let tokens = await engine.model.tokenize('ab ab');
  const counts = { refused: 0, opened: 0 };
  for (const name of ['model', 'meta', 'tokenizer'] as const) {
    const drops = fc.sample(editedBytes([sound[name]]), { seed: SEED, numRuns: DROPS_PER_FILE });
    for (const bytes of drops) {
      const keys = await storage.keys('');
      const outcome = await open(engine, { ...sound, [name]: bytes });
      if (outcome.ok) {
        counts.opened++;
        current = outcome.value;
        tokens = await engine.model.tokenize('ab ab');
        continue;
      }
      counts.refused++;
      expect(['file', 'config'], outcome.problem.what).toContain(outcome.problem.kind);
      expect(await engine.model.tokenize('ab ab')).toEqual(tokens);
      // What the last whole model is still writing of itself may come; nothing of a refused one does.
      const added = (await storage.keys('')).filter((key) => !keys.includes(key));
      expect(added.filter((key) => !key.includes(current.id))).toEqual([]);
      expect(await engine.generate.run(1, NOTHING)).toMatchObject({ ok: false });
    }
  }
  console.log(`fuzz drops on an open model: ${counts.refused} refused, ${counts.opened} opened`);
  expect(counts.refused).toBeGreaterThan(100);
  expect(counts.opened).toBeGreaterThan(0);
  expect(shown).toEqual(current);
});

/** Refused for its length whatever model is open: says that one is. */
const NOTHING = {
  prompt: 'a'.repeat(100),
  maxTokens: 1,
  temperature: 1,
  topK: 0,
  seed: 1,
};
