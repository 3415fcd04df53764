// A transcoder for every block of the demo, end to end: one run each from shared passes, then read, switched off,
// added to a text, measured, exported and read back.
import { beforeAll, describe, expect, it } from 'vitest';
import { addLatent } from '../../../src/core/steer/steering';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { RunFacts, TrainForm } from '../../../src/engine/train/api';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const POINTS = [0, 1, 2, 3].map((layer) => hookPoint(layer, 'ln2.hook_normalized'));
const FORM: TrainForm = {
  architecture: 'transcoder',
  hookPoint: hookPoint(2, 'ln2.hook_normalized'),
  expansionFactor: 0.5,
  k: 8,
  tokens: 24 * 64,
  batchSize: 64,
  seed: 3,
};

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

let listened: ListenedEngine;

beforeAll(async () => {
  listened = await startNodeEngine(
    makeNodeParts({ openDevice: borrowDevice, demo: createShortDemo() }),
  );
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
});

const over = (runId: string) =>
  listened.waitForRun((run) => run.runId === runId && run.phase.kind === 'done');

async function saeOf(runId: string): Promise<SaeFacts> {
  const sae = (await listened.engine.sae.list()).find((candidate) => candidate.runId === runId);
  if (sae === undefined) throw new Error(`no SAE of ${runId}`);
  return sae;
}

describe('a transcoder for every block', () => {
  let runs: RunFacts[];
  let middle: SaeFacts;

  it('is one entry, and a run for each block', async () => {
    const { engine } = listened;
    valueOf(await engine.train.start({ ...FORM, everyLayer: true }));
    runs = (await engine.train.list()).sort((a, b) => a.runId.localeCompare(b.runId));
    expect(runs.map(({ config }) => config.hookPoint)).toEqual(POINTS);
    await Promise.all(runs.map(({ runId }) => over(runId)));
    middle = await saeOf(runs[2]!.runId);
    expect(middle).toMatchObject({ architecture: 'transcoder', hookPoint: POINTS[2], k: 8 });
    // Untrained it explains nothing of what the MLP writes.
    expect(middle.explainedVariance).toBeGreaterThan(0.03);
  });

  it('comes out of each block as it would have alone, bit for bit', async () => {
    const alone = valueOf(await listened.engine.train.start(FORM));
    await over(alone.runId);
    const hash = ({ saeId }: SaeFacts) => saeId.split('~')[1];
    expect(hash(await saeOf(alone.runId))).toBe(hash(middle));
    const points = await listened.engine.train.points(alone.runId);
    expect(await listened.engine.train.points(runs[2]!.runId)).toEqual(points);
  });

  it('is only for transcoders, and not for several seeds at once', async () => {
    const { engine } = listened;
    const seeds = await engine.train.check({ ...FORM, everyLayer: true, seeds: 2 });
    expect(seeds).toMatchObject({ ok: false, problem: { field: 'seeds' } });
    const sae = {
      ...FORM,
      architecture: 'topk' as const,
      hookPoint: hookPoint(2, 'hook_resid_post'),
    };
    const every = await engine.train.check({ ...sae, everyLayer: true });
    expect(every).toMatchObject({ ok: false, problem: { field: 'hookPoint' } });
  });

  it('reads a text, and a feature switched off takes its part from what the MLP writes', async () => {
    const { engine } = listened;
    const text = 'Once upon a time there was a big dog.';
    let [strongest, most] = [-1, 0];
    for (let latentIndex = 0; latentIndex < middle.d_sae; latentIndex++) {
      const { maxAct } = valueOf(
        await engine.explore.readText({ saeId: middle.saeId, latentIndex, text }),
      );
      if (maxAct > most) [strongest, most] = [latentIndex, maxAct];
    }
    const { tokens } = valueOf(
      await engine.explore.readText({ saeId: middle.saeId, latentIndex: strongest, text }),
    );
    const ablation = valueOf(
      await engine.explore.ablate({
        saeId: middle.saeId,
        latentIndex: strongest,
        tokenIds: tokens.map(({ tokenId }) => tokenId),
        position: null,
      }),
    );
    expect(ablation.tokens.map(({ act }) => act)).toEqual(tokens.map(({ act }) => act));
    const changed = ablation.tokens.filter(({ act, isEdited }) => isEdited && act > 0);
    expect(changed.length).toBeGreaterThan(0);
    expect(Math.max(...ablation.tokens.map(({ kl }) => kl))).toBeGreaterThan(0);
    const before = ablation.tokens.slice(0, ablation.firstChanged ?? 0);
    expect(before.every(({ kl }) => kl < 1e-6)).toBe(true);
  });

  it('can be added to a text, and says why it cannot be set', async () => {
    const { engine } = listened;
    const steering = addLatent({ saeId: middle.saeId, latentIndex: 3, value: 2 });
    const raw = steering.slots.map((slot) => ({ ...slot, unit: 'raw' as const }));
    const added = valueOf(await engine.steer.check({ ...steering, slots: raw }));
    expect(added.scales[0]?.hook).toBe(hookPoint(2, 'hook_mlp_out'));
    const set = raw.map((slot) => ({ ...slot, mode: 'ablate' as const }));
    expect(await engine.steer.check({ ...steering, slots: set })).toMatchObject({
      ok: false,
      problem: { what: expect.stringContaining('can only be added') as string },
    });
  });

  it('is measured with itself in the place of the MLP', async () => {
    const { engine } = listened;
    valueOf(await engine.evaluate.run([middle.saeId], { tokens: 300, probing: null }));
    const row = (await engine.evaluate.list()).find(({ saeId }) => saeId === middle.saeId);
    const { metrics } = row!.evaluation!;
    expect(metrics.explainedVariance).toBeGreaterThan(0.03);
    expect(metrics.l0).toBeGreaterThan(0);
    expect(metrics.l0).toBeLessThanOrEqual(8);
    // Twenty-four steps of a small one lie between the MLP and none at all.
    expect(metrics.ceWithSae).toBeGreaterThan(metrics.ceClean);
    expect(row!.evaluation!.together).toBeUndefined();
  });
});
