// A disk that is full at the end of a run: its SAE stays in the tab, its checkpoint stays stored, and what is said of
// both is so.
import { expect, it } from 'vitest';
import type { TrainForm } from '../../../../src/engine/train/api';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import { StorageFullError, type Storage } from '../../../../src/storage/storage';
import { createMemoryLocks } from '../../../../src/storage/tabLocks';
import { startNodeEngine } from '../../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../../helpers/engine/nodeParts';
import { valueOf } from '../../../helpers/engine/storedWorld';

const FORM: TrainForm = {
  hookPoint: 'blocks.0.hook_resid_post',
  expansionFactor: 0.0625,
  k: 2,
  tokens: 512,
  batchSize: 64,
  seed: 3,
  advanced: {},
};

/** isFull: no blob has room any more */
function diskThatFills() {
  const disk = createMemoryStorage();
  const state = { isFull: false };
  const storage: Storage = {
    ...disk,
    putBlob: (name, bytes) =>
      state.isFull
        ? Promise.reject(new StorageFullError(`no room left for ${name}`))
        : disk.putBlob(name, bytes),
  };
  return { storage, state };
}

async function openTab(storage: Storage) {
  const demo = createShortDemo();
  const openDevice = () =>
    Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none' } as const);
  const tab = await startNodeEngine(
    makeNodeParts({ storage, demo, openDevice, locks: createMemoryLocks() }),
  );
  valueOf(await tab.engine.model.open({ kind: 'demo' }));
  return tab;
}

it('keeps the checkpoint until the SAE is stored, and says so (7.1)', async () => {
  const { storage, state } = diskThatFills();
  const tab = await openTab(storage);
  const isPaused = tab.waitForRun(({ phase }) => phase.kind === 'paused');
  const begun = tab.waitForRun(({ phase }) => phase.kind === 'training');
  const { runId } = valueOf(await tab.engine.train.start(FORM));
  await begun;
  await tab.engine.train.pause();
  const { savedStep } = await isPaused;
  expect(savedStep).toBeGreaterThan(0);
  state.isFull = true;
  const over = tab.waitForRun(({ phase }) => ['done', 'failed'].includes(phase.kind));
  valueOf(await tab.engine.train.resume(runId));
  expect((await over).phase).toEqual({ kind: 'done' });
  const made = (await tab.engine.sae.list()).find((sae) => sae.runId === runId)!;
  expect(made.isUnstored).toBe(true);
  const problems = tab.events.flatMap((event) => (event.kind === 'problem' ? [event.problem] : []));
  expect(problems.at(-1)!.wayOut).toContain(
    `The checkpoint of ${runId} at step ${savedStep} is kept: after a reload, Resume trains the rest again.`,
  );

  // As it was said: another tab finds the run at that step, and no SAE.
  const other = await openTab(storage);
  expect(await other.engine.train.list()).toMatchObject([
    { runId, phase: { kind: 'paused' }, savedStep },
  ]);
  expect((await other.engine.sae.list()).map(({ origin }) => origin)).toEqual(['demo']);
  state.isFull = false;
  const again = other.waitForRun(({ phase }) => phase.kind === 'done');
  valueOf(await other.engine.train.resume(runId));
  await again;
  const stored = (await other.engine.sae.list()).find((sae) => sae.runId === runId)!;
  expect(stored.saeId).toBe(made.saeId);
  expect(stored.isUnstored).toBeUndefined();

  // The first tab stores it, too, once there is room.
  valueOf(await tab.engine.sae.store(made.saeId));
  expect((await tab.engine.sae.list()).every((sae) => sae.isUnstored !== true)).toBe(true);
  const third = await openTab(storage);
  expect(await third.engine.train.list()).toMatchObject([{ runId, phase: { kind: 'done' } }]);
  expect(await third.engine.train.points(runId)).toHaveLength(8);
});
