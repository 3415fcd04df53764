// Several SAEs at once: one forward pass of the model serves all of them, each comes out as it would have alone,
// each may leave by itself; and what a run keeps of its way.
import { latentLife } from '../../../src/core/explore/latentLife';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { RunFacts, TrainForm } from '../../../src/engine/train/api';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const LAYERS = [0, 1, 2, 3] as const;
const form = (layer: number): TrainForm => ({
  hookPoint: hookPoint(layer, 'hook_resid_post'),
  expansionFactor: 0.5,
  k: 4,
  tokens: 24 * 64,
  batchSize: 64,
  seed: 3,
});
const GB = 1e9;

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

let listened: ListenedEngine;
const storage = createMemoryStorage();

beforeAll(async () => {
  listened = await startNodeEngine(
    makeNodeParts({ storage, openDevice: borrowDevice, demo: createShortDemo() }),
  );
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
});

const over = (runId: string, kind: RunFacts['phase']['kind']) =>
  listened.waitForRun((run) => run.runId === runId && run.phase.kind === kind);

async function saeOf(runId: string): Promise<SaeFacts> {
  const sae = (await listened.engine.sae.list()).find((candidate) => candidate.runId === runId);
  if (sae === undefined) throw new Error(`no SAE of ${runId}`);
  return sae;
}

async function queueAll(layers: readonly number[]): Promise<RunFacts[]> {
  const runs: RunFacts[] = [];
  for (const layer of layers) runs.push(valueOf(await listened.engine.train.queue(form(layer))));
  return runs;
}

describe('four layers at once', () => {
  let together: RunFacts[];

  it('train in one group, in the order of the queue', async () => {
    const queued = await queueAll([1, 0, 2, 3]);
    expect(queued.every((run) => run.phase.kind === 'queued')).toBe(true);
    await listened.engine.train.moveInQueue(queued[1]!.runId, -1);
    const order = (await listened.engine.train.list()).map((run) => run.config.hookPoint);
    expect(new Set(order).size).toBe(LAYERS.length);
    const ends = queued.map(({ runId }) => over(runId, 'done'));
    together = valueOf(await listened.engine.train.playQueue(GB));
    expect(together.map((run) => run.config.hookPoint)).toEqual(
      LAYERS.map((layer) => hookPoint(layer, 'hook_resid_post')),
    );
    expect(together.every((run) => run.companions === 3)).toBe(true);
    await Promise.all(ends);
    expect(await listened.engine.train.list()).toHaveLength(LAYERS.length);
  });

  it('come out as each would have alone, bit for bit', async () => {
    const alone = valueOf(await listened.engine.train.start(form(2)));
    await over(alone.runId, 'done');
    const company = together.find((run) => run.config.hookPoint === alone.config.hookPoint)!;
    const hash = ({ saeId }: SaeFacts) => saeId.split('~')[1];
    expect(hash(await saeOf(alone.runId))).toBe(hash(await saeOf(company.runId)));
    const points = await listened.engine.train.points(alone.runId);
    expect(points).toHaveLength(24);
    // The curve of a finished run is kept (7.9).
    expect(await listened.engine.train.points(company.runId)).toEqual(points);
  });

  it('leave their history: a latent from its first step to its last', async () => {
    const sae = await saeOf(together[0]!.runId);
    const moments = valueOf(await listened.engine.explore.history(sae.saeId, 5));
    expect(moments.map(({ step }) => step)).toEqual([0, 1, 2, 4, 8, 16, 24]);
    const last = moments.at(-1)!;
    expect(last.decoderCosine).toBeCloseTo(1, 6);
    expect(moments[0]!.decoderCosine).toBeLessThan(1);
    expect(moments[0]!.tokensSinceFired).toBe(0);
    const births = valueOf(await listened.engine.explore.births(sae.saeId));
    expect(births).toHaveLength(128);
    expect(births?.[5]).toBe(latentLife(moments).birth);
    expect(valueOf(await listened.engine.sae.savedSteps(sae.saeId))).toEqual([
      0, 1, 2, 4, 8, 16, 24,
    ]);
    const beside = async (step: number) => {
      const other = { saeId: sae.saeId, step };
      const { matches } = valueOf(await listened.engine.explore.compare(sae.saeId, other));
      return matches.filter((one) => one.isMutual && one.latentIndex === one.otherIndex);
    };
    const [early, final] = [await beside(0), await beside(24)];
    expect(final).toHaveLength(128);
    expect(final.every(({ cosine }) => cosine > 0.9999)).toBe(true);
    expect(Math.min(...early.map(({ cosine }) => cosine))).toBeLessThan(0.99);
    const asked = { saeId: sae.saeId, latentIndex: 5, otherId: sae.saeId };
    const near = valueOf(await listened.engine.explore.neighboursIn(asked));
    expect(near[0]!.latentIndex).toBe(5);
    expect(near[0]!.cosine).toBeCloseTo(1, 6);
    const cosines = near.map(({ cosine }) => cosine);
    expect(cosines).toEqual([...cosines].sort((p, q) => q - p));
    expect(near.length).toBeLessThanOrEqual(10);
    const unsaved = await listened.engine.explore.compare(sae.saeId, { saeId: sae.saeId, step: 3 });
    expect(unsaved).toMatchObject({ ok: false, problem: { field: 'step' } });
    const refused = await listened.engine.explore.history(sae.saeId, 128);
    expect(refused).toMatchObject({ ok: false, problem: { field: 'latentIndex' } });
    await listened.engine.sae.delete(sae.saeId);
    expect(await storage.keys(`run-snapshots/${together[0]!.runId}`)).toEqual([]);
  });
});

describe('runs of one group', () => {
  it('leave one by one, and what does not fit the memory follows', async () => {
    const [first, second, third] = await queueAll([0, 1, 2]);
    // Room for two, by their own estimate.
    const two = 2 * 24 * 256 * 128 + 2 * 2 * 256 * 16 * 64 + 2 * (4 * 64 * 128 + 12 * 64 * 256);
    const thirdEnds = over(third!.runId, 'done');
    const firstStops = over(first!.runId, 'stopped');
    const secondEnds = over(second!.runId, 'done');
    const begun = valueOf(await listened.engine.train.playQueue(two));
    expect(begun.map(({ runId }) => runId)).toEqual([first!.runId, second!.runId]);
    await listened.waitForRun((run) => run.runId === first!.runId && run.step >= 3);
    await listened.engine.train.stop(first!.runId);
    expect((await firstStops).step).toBeLessThan(24);
    expect((await secondEnds).step).toBe(24);
    await thirdEnds;
    expect((await saeOf(first!.runId)).tokens).toBeLessThan(24 * 64);
  });

  it('wait in storage for another tab', async () => {
    const [run] = await queueAll([3]);
    const next = await startNodeEngine(makeNodeParts({ storage }));
    const listed = (await next.engine.train.list()).find(({ runId }) => runId === run!.runId);
    expect(listed).toMatchObject({ phase: { kind: 'queued' }, step: 0 });
    await listened.engine.train.delete(run!.runId);
    const empty = await listened.engine.train.playQueue(GB);
    expect(empty).toMatchObject({ ok: false, problem: { kind: 'config' } });
  });
});

describe('a run at too high a rate', () => {
  it('goes on from its checkpoint at half the rate', async () => {
    const { engine } = listened;
    const broken = valueOf(
      await engine.train.start({ ...form(1), source: 'random', tokens: 40 * 64 }),
    );
    await listened.waitForRun((run) => run.runId === broken.runId && run.step >= 3);
    await engine.train.pause();
    const paused = await over(broken.runId, 'paused');
    expect(paused.savedStep).toBeGreaterThanOrEqual(3);
    const half = over(broken.runId, 'done');
    const going = valueOf(await engine.train.resume(broken.runId, { lrFactor: 0.5 }));
    expect(going.config.lr).toBeCloseTo(broken.config.lr / 2, 10);
    expect(going.step).toBe(paused.savedStep);
    expect((await half).step).toBe(40);
  });
});

describe('random activations', () => {
  it('need no model and leave no SAE', async () => {
    const bare = await startNodeEngine(makeNodeParts({ openDevice: borrowDevice }));
    const refused = await bare.engine.train.start(form(0));
    expect(refused).toMatchObject({ ok: false, problem: { field: 'model' } });
    const done = bare.waitForRun((run) => run.phase.kind === 'done');
    const run = valueOf(await bare.engine.train.start({ ...form(0), source: 'random' }));
    expect(run).toMatchObject({ source: 'random', modelId: 'random' });
    expect((await done).step).toBe(24);
    expect((await bare.engine.sae.list()).map((sae) => sae.origin)).toEqual(['demo']);
  });
});
