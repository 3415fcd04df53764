// Rows of another tool in a model's place, through the whole engine on the processor: training, statistics, search and
// evaluation read them, what needs a language model says that there is none, and the next visit has them again.
import { beforeAll, expect, it } from 'vitest';
import { hookPoint } from '../../../../src/core/activations/hookPoint';
import type { EngineParts } from '../../../../src/engine/parts';
import type { Outcome } from '../../../../src/engine/shared/api';
import { createMemoryFileStore } from '../../../../src/storage/fileStore';
import { startNodeEngine, type ListenedEngine } from '../../../helpers/engine/nodeEngine';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { SHAPE_FACTORS, shapeRows } from '../../../helpers/shapeRows';

const HOOK = hookPoint(0, 'hook_resid_post');
const FORM = {
  ...{ hookPoint: HOOK, expansionFactor: 1, k: 2, tokens: 20_000, batchSize: 128, seed: 1 },
  advanced: { lr: 0.01 },
} as const;

let parts: EngineParts;
let tab: ListenedEngine;
let saeId: string;

beforeAll(async () => {
  const openDevice = () =>
    Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none here' } as const);
  parts = makeNodeParts({ openDevice, files: createMemoryFileStore() });
  tab = await startNodeEngine(parts);
  const kept = tab.waitFor((event) => event.kind === 'keptModels' && event.models.length > 0);
  valueOf(await tab.engine.model.open({ kind: 'rows', files: shapeRows() }));
  await kept;
  const over = tab.waitForRun(({ phase }) => ['done', 'failed'].includes(phase.kind));
  valueOf(await tab.engine.train.start(FORM));
  expect((await over).phase).toEqual({ kind: 'done' });
  const saes = tab.events.findLast((event) => event.kind === 'saes')?.saes ?? [];
  saeId = saes.find(({ origin }) => origin === 'trained')?.saeId ?? '';
  valueOf(await tab.engine.statistics.compute(saeId, 1000));
});

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

const whatOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'done' : outcome.problem.what);

it('stand in the place of a model and of its text', async () => {
  const opened = tab.events.findLast((event) => event.kind === 'model')?.model;
  expect(opened).toMatchObject({
    name: 'rows of rows.npy',
    rows: { file: 'rows.npy', count: 240, width: 8, described: 240, media: 12, missing: 0 },
    hookPoints: [HOOK],
    revision: null,
  });
  const corpus = tab.events.findLast((event) => event.kind === 'corpus')?.corpus;
  expect(corpus).toMatchObject({ id: opened?.id, documents: 240, tokens: 240 });
  expect(whatOf(await tab.engine.text.open({ kind: 'paste', text: 'a' }))).toMatch(
    /The rows of rows.npy are open: SAEs are trained and measured on them/,
  );
});

it('train an SAE whose features are what the rows show, with their names and pictures', async () => {
  const rows = valueOf(await tab.engine.statistics.rows(saeId)).filter((row) => row.fireCount > 20);
  const shared = await Promise.all(
    rows.map(async ({ latentIndex }) => {
      const { topExamples } = valueOf(await tab.engine.statistics.dashboard(saeId, latentIndex));
      const shown = topExamples.slice(0, 5).map(({ tokens, peak }) => tokens[peak]?.text ?? '');
      return SHAPE_FACTORS.filter((name) => shown.every((text) => text.includes(name)));
    }),
  );
  expect(new Set(shared.flat())).toEqual(new Set(SHAPE_FACTORS));
  const [view] = await tab.engine.model.rows([5]);
  expect(view?.facts).toMatchObject({ row: 5, ref: '1-3.svg', label: 'green square, orange star' });
  expect(await view?.media?.text()).toContain('seagreen');
});

it('are counted whole, promote nothing, and are found by what they are called', async () => {
  const sae = tab.events
    .findLast((event) => event.kind === 'saes')
    ?.saes.find((one) => one.saeId === saeId);
  expect(sae).toMatchObject({ statisticsTokens: 240, contextSize: 2 });
  const [row] = valueOf(await tab.engine.statistics.rows(saeId));
  expect(row?.topToken).toBeNull();
  const found = valueOf(
    await tab.engine.explore.activeLatents({
      saeIds: [saeId],
      text: 'Blue Tri',
      purpose: 'search',
    }),
  );
  expect(found.tokens.every(({ text }) => text.includes('blue triangle'))).toBe(true);
  const [best] = found.saes[0]?.latents ?? [];
  const dashboard = valueOf(await tab.engine.statistics.dashboard(saeId, best?.latentIndex ?? -1));
  expect(dashboard.topExamples[0]?.tokens[1]?.text).toContain('blue triangle');
  expect(dashboard.topLogits).toEqual([]);
});

it('are measured and probed by their labels, without what a language model would lose', async () => {
  const form = { tokens: 1000, probing: { kind: 'demo' } } as const;
  valueOf(await tab.engine.evaluate.run([saeId], form));
  const [row] = (await tab.engine.evaluate.list()).filter((one) => one.saeId === saeId);
  expect(row?.state).toEqual({ kind: 'idle' });
  expect(row?.evaluation?.metrics).toMatchObject({ ceLossRecovered: null, ceClean: NaN });
  expect(row?.evaluation?.metrics.explainedVariance).toBeGreaterThan(0.9);
  // Of twelve pictures too few would be held out: every tenth row is.
  expect(row?.evaluation?.metrics.tokens).toBe(24);
  const { probing } = row?.evaluation ?? {};
  expect(probing?.classes).toHaveLength(12);
  expect(probing?.accuracy[1]).toBeGreaterThan(probing?.majority ?? 1);
});

it('say what needs the language model that is not here', async () => {
  const ablated = await tab.engine.explore.nextLogProbs([3]);
  expect(whatOf(ablated)).toMatch(/without the language model that they came from/);
});

it('stay open when a model that was asked for before them comes later', async () => {
  const next = await startNodeEngine(makeNodeParts({ ...parts }));
  const demo = next.engine.model.open({ kind: 'demo' });
  valueOf(await next.engine.model.open({ kind: 'rows', files: shapeRows() }));
  expect(await demo).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
  const names = next.events.flatMap((event) => (event.kind === 'model' ? event.model?.name : []));
  expect(names).toEqual(['rows of rows.npy']);
});

it('are here at the next visit, with statistics and pictures, and give way to a model', async () => {
  const next = await startNodeEngine(makeNodeParts({ ...parts }));
  const { id } = tab.events.findLast((event) => event.kind === 'model')?.model ?? { id: '' };
  const opened = valueOf(await next.engine.model.open({ kind: 'kept', id }));
  expect(opened).toMatchObject({ id, rows: { count: 240, media: 12 } });
  expect((await next.engine.model.rows([5]))[0]?.media?.type).toBe('image/svg+xml');
  const often = valueOf(await tab.engine.statistics.rows(saeId)).find((row) => row.fireCount > 20)!;
  const [before, now] = await Promise.all(
    [tab, next].map(({ engine }) => engine.statistics.dashboard(saeId, often.latentIndex)),
  );
  // Numbers are kept in f16, the rows they belong to exactly.
  const textsOf = (outcome: typeof now) =>
    valueOf(outcome!).topExamples.map(({ tokens }) => tokens.map(({ text }) => text));
  expect(textsOf(now)).toEqual(textsOf(before));
  expect(textsOf(now)).toHaveLength(20);
  valueOf(await next.engine.model.open({ kind: 'demo' }));
  expect(next.events.findLast((event) => event.kind === 'corpus')?.corpus).toMatchObject({
    isDemo: true,
  });
  expect(await next.engine.model.rows([5])).toEqual([]);
  valueOf(await next.engine.model.deleteKept(id));
  expect(whatOf(await next.engine.model.open({ kind: 'kept', id }))).toMatch(/no longer stored/);
});
