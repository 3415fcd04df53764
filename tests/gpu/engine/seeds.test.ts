// Several seeds of one configuration in one group, and a second tab that wants the same run.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { RunFacts, TrainForm } from '../../../src/engine/train/api';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryLocks } from '../../../src/storage/tabLocks';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const FORM: TrainForm = {
  source: 'random',
  hookPoint: 'blocks.0.hook_resid_post',
  architecture: 'relu',
  advanced: { decoderNorm: 'unit', resampleInterval: 6, l1Coefficient: 4, emaDecay: 0.9 },
  expansionFactor: 0.25,
  k: 4,
  tokens: 40 * 64,
  batchSize: 64,
  seed: 3,
};

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

let tab: ListenedEngine;
let otherTab: ListenedEngine;

beforeAll(async () => {
  const shared = { storage: createMemoryStorage(), locks: createMemoryLocks() };
  tab = await startNodeEngine(makeNodeParts({ ...shared, openDevice: borrowDevice }));
  otherTab = await startNodeEngine(makeNodeParts({ ...shared, openDevice: borrowDevice }));
});

describe('three seeds', () => {
  let first: RunFacts;
  let all: RunFacts[];

  it('are three runs in one group, alike but for their first weights', async () => {
    first = valueOf(await tab.engine.train.start({ ...FORM, seeds: 3 }));
    all = (await tab.engine.train.list()).sort((a, b) => a.config.initSeed - b.config.initSeed);
    expect(all.map(({ config }) => config.initSeed)).toEqual([3, 4, 5]);
    expect(all.every(({ companions }) => companions === 2)).toBe(true);
    expect(all.every(({ config }) => config.seed === 3)).toBe(true);
    await tab.waitForRun((run) => run.runId === first.runId && run.step >= 8);
    await tab.engine.train.pause();
    await tab.waitForRun((run) => run.runId === first.runId && run.phase.kind === 'paused');
    const curves = await Promise.all(all.map(({ runId }) => tab.engine.train.points(runId)));
    const losses = curves.map((points) => points[0]!.loss);
    expect(new Set(losses).size).toBe(3);
  });

  it('are refused in another tab while this one has them, with the reason', async () => {
    const refused = await otherTab.engine.train.resume(first.runId);
    expect(refused).toMatchObject({ ok: false, problem: { kind: 'config', field: 'run' } });
    if (!refused.ok) {
      expect(refused.problem.what).toBe(
        `${first.runId} is open in another tab of this browser. Continue there, or close that tab first.`,
      );
    }
    const listed = (await otherTab.engine.train.list()).find(({ runId }) => runId === first.runId);
    expect(listed?.warning?.what).toContain('another tab');
    await otherTab.engine.train.delete(first.runId);
    const kept = (await otherTab.engine.train.list()).map(({ runId }) => runId);
    expect(kept).toContain(first.runId);
    expect((await tab.engine.train.list()).every(({ warning }) => warning === null)).toBe(true);
  });

  it('go on in another tab once this one has let go', async () => {
    const stops = all.map(({ runId }) =>
      tab.waitForRun((run) => run.runId === runId && run.phase.kind === 'stopped'),
    );
    await tab.engine.train.stop();
    await Promise.all(stops);
    const done = otherTab.waitForRun((run) => run.phase.kind === 'done');
    const going = valueOf(await otherTab.engine.train.resume(first.runId));
    expect(going.config).toEqual(first.config);
    expect((await done).step).toBe(40);
  });

  it('are bounded, and stay apart from other orders of the data', async () => {
    for (const seeds of [0, 17, 1.5]) {
      const refused = await tab.engine.train.check({ ...FORM, seeds });
      expect(refused).toMatchObject({ ok: false, problem: { field: 'seeds' } });
    }
    const queued = await tab.engine.train.queue({ ...FORM, seeds: 2 });
    expect(valueOf(queued).config.initSeed).toBe(3);
    const waiting = (await tab.engine.train.list()).filter(({ phase }) => phase.kind === 'queued');
    expect(waiting).toHaveLength(2);
  });
});
