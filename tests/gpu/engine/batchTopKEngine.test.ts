// BatchTopK through the whole engine: trained, measured by its threshold, counted, exported, imported.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { RunFacts, TrainForm, TrainPoint } from '../../../src/engine/train/api';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { expandArchives } from '../../../src/formats/archives/archive';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const FORM: TrainForm = {
  hookPoint: 'blocks.1.hook_resid_post',
  architecture: 'batchtopk',
  advanced: { thresholdRate: 0.02 },
  expansionFactor: 1,
  k: 7.5,
  tokens: 12_800,
  batchSize: 128,
  seed: 3,
};

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

let listened: ListenedEngine;
let run: RunFacts;
let points: TrainPoint[];
let sae: SaeFacts;

beforeAll(async () => {
  listened = await startNodeEngine(
    makeNodeParts({ openDevice: borrowDevice, demo: createShortDemo() }),
  );
  valueOf(await listened.engine.model.open({ kind: 'demo' }));
  const over = listened.waitForRun((r) => ['done', 'failed', 'stopped'].includes(r.phase.kind));
  valueOf(await listened.engine.train.start(FORM));
  run = await over;
  points = await listened.engine.train.points(run.runId);
  const saes = await listened.engine.sae.list();
  const trained = saes.find((candidate) => candidate.origin === 'trained');
  if (trained === undefined) throw new Error(JSON.stringify(run.phase));
  sae = trained;
});

describe('BatchTopK, 100 steps', () => {
  it('trains with k per token on average and lowers the loss', () => {
    expect(run.phase).toEqual({ kind: 'done' });
    expect(points).toHaveLength(100);
    expect(points.every((point) => point.l0 === 7.5)).toBe(true);
    // 100 steps bring it to 0.63 of where it began; what does not learn stays near 1.
    expect(points.at(-1)!.loss).toBeLessThan(0.7 * points[0]!.loss);
  });

  it('is measured on held-out text by its threshold, with an L0 near k', () => {
    expect(sae).toMatchObject({ architecture: 'batchtopk', k: 7.5, d_sae: 256 });
    expect(sae.name).toContain('batchtopk7.5');
    expect(sae.explainedVariance).toBeGreaterThan(0.3);
    expect(sae.l0).toBeGreaterThan(5);
    expect(sae.l0).toBeLessThan(10);
    expect(sae.l0).not.toBe(7.5);
  });

  it('has statistics, leaves as a jumprelu of SAELens and comes back the same', async () => {
    const counted = valueOf(await listened.engine.statistics.compute(sae.saeId, 3000));
    expect(counted.statisticsTokens).toBeGreaterThanOrEqual(2900);
    const rows = valueOf(await listened.engine.statistics.rows(sae.saeId));
    const fires = rows.reduce((sum, row) => sum + row.fireCount, 0);
    expect(fires / counted.statisticsTokens).toBeGreaterThan(4);
    const strongest = rows.reduce((best, row) => (row.maxAct > best.maxAct ? row : best));
    const dashboard = valueOf(
      await listened.engine.statistics.dashboard(sae.saeId, strongest.latentIndex),
    );
    // Examples are kept in f16: within half a unit of its last place, 2⁻¹¹.
    expect(dashboard.topExamples[0]!.act / strongest.maxAct).toBeCloseTo(1, 3);

    const zip = valueOf(await listened.engine.sae.export(sae.saeId));
    const parsed = await parseSaeLens(await expandArchives([{ path: 'sae.zip', blob: zip }]));
    expect(parsed.params.architecture).toBe('jumprelu');
    expect(parsed.facts).toMatchObject({ architecture: 'batchtopk', k: 7.5 });
    const imported = valueOf(await listened.engine.sae.import([{ path: 'sae.zip', blob: zip }]));
    expect(imported).toMatchObject({ architecture: 'batchtopk', k: 7.5, l0: sae.l0 });
    // The id hashes weights and thresholds.
    expect(imported.saeId.split('~')[1]).toBe(sae.saeId.split('~')[1]);
  });

  it('refuses a field of another architecture by name', async () => {
    const refused = await listened.engine.train.check({
      ...FORM,
      advanced: { l1Coefficient: 3 },
    });
    expect(refused).toMatchObject({ ok: false, problem: { field: 'l1Coefficient' } });
  });
});
