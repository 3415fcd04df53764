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
import { manyTurns } from '../../helpers/nodeEngine';
import { makeNodeParts } from '../../helpers/nodeParts';
import { makeSteerSae } from '../../helpers/steerCases';

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
    expect(events).toContainEqual({ kind: 'elsewhere', hasRuns: false, notesOf: ['demo'] });
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
  expect(there.events).toEqual([{ kind: 'elsewhere', hasRuns: true, notesOf: [] }]);
  expect(here.events).toEqual([]);
});
