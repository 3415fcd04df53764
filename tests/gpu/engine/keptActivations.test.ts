// A run on what another run has read: the model is not asked, and the SAE is the one that it would have been.
import { expect, it } from 'vitest';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { TrainForm } from '../../../src/engine/train/api';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { borrowDevice } from '../../helpers/device/sharedGpu';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../helpers/engine/nodeParts';

const FORM: TrainForm = {
  hookPoint: hookPoint(1, 'hook_resid_post'),
  expansionFactor: 0.5,
  k: 4,
  tokens: 24 * 64,
  batchSize: 64,
  seed: 3,
};

/** An engine that keeps activations, or not, and counts the passes of its model until an SAE is measured. */
async function openEngine(room: number) {
  const seen = { passes: 0, isMeasuring: false };
  const parts = makeNodeParts({
    openDevice: borrowDevice,
    demo: createShortDemo(),
    files: createMemoryFileStore(),
    activationRoom: () => Promise.resolve(room),
    createRuntime: async (o) => {
      const runtime = await createModelRuntime(o);
      return {
        ...runtime,
        capture: (...args) => {
          if (!seen.isMeasuring) seen.passes++;
          return runtime.capture(...args);
        },
      };
    },
  });
  const { engine, listen, waitForRun } = await startNodeEngine(parts);
  listen((event) => {
    // After the last step only the finished SAE is measured, on other text.
    if (event.kind === 'run') seen.isMeasuring = event.run.step === event.run.totalSteps;
  });
  expect((await engine.model.open({ kind: 'demo' })).ok).toBe(true);
  return async (form: Partial<TrainForm>) => {
    Object.assign(seen, { passes: 0, isMeasuring: false });
    const started = await engine.train.start({ ...FORM, ...form });
    if (!started.ok) throw new Error(started.problem.what);
    const { runId } = started.value;
    await waitForRun((run) => run.runId === runId && run.phase.kind === 'done');
    const sae = (await engine.sae.list()).find((one) => one.runId === runId)!;
    return { passes: seen.passes, hash: sae.saeId.split('~')[1], k: sae.k };
  };
}

it('with another k: no pass of the model, and the SAE of a browser that keeps nothing', async () => {
  const [keeping, plain] = [await openEngine(1e8), await openEngine(0)];
  // 1,536 rows, about 1,020 a pass.
  expect((await keeping({})).passes).toBe(2);
  const again = await keeping({ k: 6 });
  expect(again).toMatchObject({ passes: 0, k: 6 });
  const alone = await plain({ k: 6 });
  expect(alone.passes).toBe(2);
  expect(again.hash).toBe(alone.hash);
});
