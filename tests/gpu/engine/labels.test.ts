// Labels guessed for the demo SAE by the engine: plain rules, scored on held-out text, kept, cancellable.
import { beforeAll, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../../src/engine/api';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

const storage = createMemoryStorage();
let demo: ListenedEngine;
let sae: SaeFacts;

beforeAll(async () => {
  demo = await startNodeEngine(makeNodeParts({ openDevice: borrowDevice, storage }));
  valueOf(await demo.engine.model.open({ kind: 'demo' }));
  sae = (await demo.engine.sae.list())[0]!;
});

it('keeps nothing of a cancelled pass: the guesses that ship stay', async () => {
  const shipped = await demo.engine.statistics.labelGuesses(sae.saeId);
  expect(shipped).toHaveLength(sae.d_sae);
  const guessing = demo.engine.statistics.guessLabels(sae.saeId, 100_000, 7);
  await demo.engine.cancel(7);
  expect(await guessing).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  expect(await storage.keys('label-guesses/')).toEqual([]);
  expect(await demo.engine.statistics.labelGuesses(sae.saeId)).toEqual(shipped);
});

it('guesses every feature, predicts the best ones on held-out text, and keeps the guesses', async () => {
  const guesses = valueOf(await demo.engine.statistics.guessLabels(sae.saeId, 8192, 8));
  expect(guesses.map(({ latentIndex }) => latentIndex)).toEqual([...Array(sae.d_sae).keys()]);
  const scores = guesses.flatMap(({ score }) => score ?? []);
  expect(scores.length).toBeGreaterThan(sae.d_sae / 10);
  expect(Math.min(...scores)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...scores)).toBeLessThanOrEqual(1);
  expect(scores.filter((score) => score > 0.7).length).toBeGreaterThan(10);
  const labelled = guesses.filter(({ text }) => text !== null);
  const median = scores.sort((a, b) => a - b)[Math.floor(scores.length / 2)];
  console.log(`labels for ${labelled.length} of ${sae.d_sae} features, median score ${median}`);
  expect(await demo.engine.statistics.labelGuesses(sae.saeId)).toEqual(guesses);
  const last = () =>
    demo.events.findLast(
      (e): e is EngineEvent & { kind: 'progress' } => e.kind === 'progress' && e.jobId === 8,
    );
  await vi.waitUntil(() => last()?.progress === null);
});
