// Two tabs over one storage: each hears what the other stored and deleted, and neither loses what both write.
import { expect, it } from 'vitest';
import { makeSaeConfig } from '../../../src/core/sae/sae';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { EngineEvent } from '../../../src/engine/api';
import { followOtherTabs } from '../../../src/engine/otherTabs';
import { createSaeLibrary } from '../../../src/engine/sae/saeLibrary';
import { createNoteStore } from '../../../src/engine/statistics/latentNotes';
import { createRunArchive } from '../../../src/engine/train/runArchive';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryNews, tellingStorage } from '../../../src/storage/tabNews';
import { DEMO_SAE } from '../../helpers/engine/engineDouble';
import { evaluationOf } from '../../helpers/evaluationCase';
import { manyTurns, startNodeEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { makeSteerSae } from '../../helpers/steer/steerCases';

const HOOK = hookPoint(0, 'hook_resid_post');
const CONFIG = makeSaeConfig({
  hookPoint: HOOK,
  d_in: 8,
  d_sae: 16,
  k: 4,
  contextSize: 256,
  tokens: 4096,
  batchSize: 128,
  seed: 1,
});

const NOTHING = { kind: 'elsewhere', hasRuns: false, hasPresets: false, notesOf: [] };

function openTabs() {
  const storage = createMemoryStorage();
  const join = createMemoryNews();
  return [1, 2].map(() => {
    const news = join();
    const parts = makeNodeParts({ storage: tellingStorage(storage, news), news });
    const events: EngineEvent[] = [];
    const emit = (event: EngineEvent) => void events.push(event);
    const library = createSaeLibrary(parts, emit);
    followOtherTabs({ parts, library, emit });
    return { parts, library, events };
  }) as [Tab, Tab];
}
type Tab = {
  parts: ReturnType<typeof makeNodeParts>;
  library: ReturnType<typeof createSaeLibrary>;
  events: EngineEvent[];
};

function lastSaes({ events }: Tab): string[] {
  const told = events.findLast((event) => event.kind === 'saes');
  return told?.saes.filter(({ origin }) => origin !== 'demo').map(({ saeId }) => saeId) ?? [];
}

it('an SAE trained in one tab is listed in the other, with its weights, until it is deleted (7.8)', async () => {
  const [here, there] = openTabs();
  await there.library.list();
  const params = makeSteerSae('topk', { d: 8, d_sae: 16, seed: 3 });
  const { saeId } = await here.library.addTrained({
    runId: 'run-1',
    modelId: 'demo~3f9a1c07b2de',
    corpus: { name: 'demo', isDemo: true },
    config: CONFIG,
    tokens: 4096,
    explainedVariance: 0.5,
    l0: 4,
    deadFraction: 0,
    params,
  });
  await manyTurns();
  expect(lastSaes(there)).toEqual([saeId]);
  expect((await there.library.params(saeId)).W_dec).toEqual(params.W_dec);
  await there.library.delete(saeId);
  await manyTurns();
  expect(lastSaes(here)).toEqual([]);
});

it('of two notes written at once none is lost, and the other tab hears of each (7.8)', async () => {
  const tabs = openTabs();
  const blank = { note: '', tags: [], isStarred: false };
  await Promise.all(
    tabs.flatMap(({ parts }, tab) =>
      [0, 1, 2].map((i) => {
        const latentIndex = 10 * tab + i;
        return createNoteStore(parts.storage).set('demo', { ...blank, latentIndex, label: 'x' });
      }),
    ),
  );
  await manyTurns();
  const kept = await createNoteStore(tabs[0].parts.storage).list('demo');
  expect(kept.map(({ latentIndex }) => latentIndex).sort((a, b) => a - b)).toEqual([
    0, 1, 2, 10, 11, 12,
  ]);
  for (const { events } of tabs) {
    expect(events).toContainEqual({ ...NOTHING, notesOf: ['demo'] });
  }
});

it('a run stored in one tab is told in the other (7.8)', async () => {
  const [here, there] = openTabs();
  await createRunArchive(here.parts.storage).put({
    runId: 'run-1',
    number: 1,
    modelId: 'demo~3f9a1c07b2de',
    config: CONFIG,
    isStopped: false,
  });
  await manyTurns();
  expect(there.events).toEqual([{ ...NOTHING, hasRuns: true }]);
  expect(here.events).toEqual([]);
});

it('presets stored in one tab are told in the other (7.8)', async () => {
  const [here, there] = openTabs();
  await here.parts.storage.setFacts('page/steer-presets', []);
  await manyTurns();
  expect(there.events).toEqual([{ ...NOTHING, hasPresets: true }]);
});

/** A whole engine in one tab, and another tab's storage. */
async function openEngineBeside() {
  const storage = createMemoryStorage();
  const join = createMemoryNews();
  const news = join();
  const there = await startNodeEngine(makeNodeParts({ storage, news }));
  return { there, here: tellingStorage(storage, join()) };
}

it('an evaluation measured in one tab has its row in the other (7.8)', async () => {
  const { there, here } = await openEngineBeside();
  expect(await there.engine.evaluate.list()).toEqual([]);
  const evaluation = evaluationOf(DEMO_SAE, { l0: 7 });
  await here.setFacts(`evaluation/${DEMO_SAE.saeId}`, evaluation);
  await manyTurns();
  const row = { saeId: DEMO_SAE.saeId, state: { kind: 'idle' }, evaluation };
  expect(there.events).toContainEqual({ kind: 'evaluation', row });
  expect(await there.engine.evaluate.list()).toEqual([row]);
});

it('a vector made in one tab is listed in the other, until it is deleted (7.8)', async () => {
  const { there, here } = await openEngineBeside();
  expect(await there.engine.steer.listVectors()).toEqual([]);
  const facts = { vectorId: 'v-1', name: 'mine', hook: HOOK, d_in: 2, norm: 1, origin: 'file' };
  await here.setFacts('vector/v-1', { facts, direction: new Float32Array([1, 0]) });
  await manyTurns();
  expect(there.events).toContainEqual({ kind: 'vectors', vectors: [facts] });
  await here.delete('vector/v-1');
  await manyTurns();
  expect(await there.engine.steer.listVectors()).toEqual([]);
});
