// The main job in Node, on the demo model and the product's own engine: train, resume, survive a lost
// device, explore, steer, export and import.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineApi } from '../../../src/engine/api';
import type { Outcome } from '../../../src/engine/shared/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { GeneratedToken, GenerationRequest } from '../../../src/engine/generate/api';
import type { SteeredRequest } from '../../../src/engine/steer/api';
import type { RunFacts, TrainForm, TrainPoint } from '../../../src/engine/train/api';
import { addLatent } from '../../../src/core/steer/steering';
import type { GpuContext } from '../../../src/gpu/device/device';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import type { Storage } from '../../../src/storage/storage';
import { generateText, newGenerationId } from '../../helpers/engine/generateText';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import { createShortDemo, makeNodeParts, openNodeDevice } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

/** Two blocks of the ring, so that a resumed run has to find its place in the corpus. */
const FORM: TrainForm = {
  hookPoint: 'blocks.1.hook_resid_post',
  expansionFactor: 1,
  k: 8,
  tokens: 2048,
  batchSize: 64,
  seed: 3,
};

function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  return outcome.value;
}

const isOver = (run: RunFacts) => ['done', 'failed', 'stopped'].includes(run.phase.kind);

/** An engine with the demo model open, and the devices that it was given. */
async function openDemo(storage: Storage = createMemoryStorage(), open = borrowDevice) {
  const contexts: GpuContext[] = [];
  const openDevice = async () => {
    const result = await open();
    if (result.ok) contexts.push(result.context);
    return result;
  };
  const listened = await startNodeEngine(
    makeNodeParts({ storage, openDevice, demo: createShortDemo() }),
  );
  const model = valueOf(await listened.engine.model.open({ kind: 'demo' }));
  return { ...listened, model, contexts, storage };
}

async function trainedSae(engine: EngineApi): Promise<SaeFacts> {
  const sae = (await engine.sae.list()).find((candidate) => candidate.origin === 'trained');
  if (sae === undefined) throw new Error('no trained SAE');
  return sae;
}

let whole: Awaited<ReturnType<typeof openDemo>>;
let wholePoints: TrainPoint[];
let wholeSae: SaeFacts;

beforeAll(async () => {
  whole = await openDemo();
  const over = whole.waitForRun(isOver);
  valueOf(await whole.engine.train.start(FORM));
  const finished = await over;
  expect(finished.phase).toEqual({ kind: 'done' });
  wholePoints = await whole.engine.train.points(finished.runId);
  wholeSae = await trainedSae(whole.engine);
});

afterAll(() => {
  for (const context of whole.contexts) context.dispose();
});

describe('training', () => {
  it('reports every step and lowers the loss', () => {
    expect(wholePoints.map((point) => point.step)).toEqual(Array.from({ length: 32 }, (_, i) => i));
    expect(wholePoints.at(-1)!.loss).toBeLessThan(0.92 * wholePoints[0]!.loss);
    expect(wholePoints.at(-1)!.tokens).toBe(FORM.tokens);
  });

  it('leaves an SAE measured on held-out text, and no run behind', async () => {
    expect(wholeSae).toMatchObject({ d_in: 256, d_sae: 256, k: 8, tokens: FORM.tokens });
    expect(wholeSae.explainedVariance).toBeGreaterThan(0.1);
    expect(wholeSae.explainedVariance).toBeLessThan(1);
    // Measured, not k: a token may have fewer positive pre-activations than k.
    expect(wholeSae.l0).toBeGreaterThan(7);
    expect(wholeSae.l0).toBeLessThanOrEqual(8);
    expect((await whole.engine.train.list()).every((run) => run.phase.kind === 'done')).toBe(true);
  });

  it('refuses a form by field, value and bound', async () => {
    const refused = await whole.engine.train.check({ ...FORM, k: 5000 });
    expect(refused).toMatchObject({
      ok: false,
      problem: { kind: 'config', field: 'k', what: 'k must be a whole number from 1 to 256: 5000' },
    });
  });
});

describe('resuming', () => {
  it('goes on in a new tab with the numbers of the uninterrupted run', async () => {
    const first = await openDemo();
    const reached = first.waitForRun((run) => run.step >= 11);
    const paused = first.waitForRun((run) => run.phase.kind === 'paused');
    const { runId } = valueOf(await first.engine.train.start(FORM));
    await reached;
    await first.engine.train.pause();
    const { savedStep } = await paused;
    expect(savedStep).toBeGreaterThanOrEqual(11);
    expect(savedStep).toBeLessThan(32);
    // The tab dies here; only its storage is left.
    first.contexts[0]!.dispose();

    const second = await openDemo(first.storage);
    const [stored] = await second.engine.train.list();
    expect(stored).toMatchObject({ runId, savedStep, step: savedStep });
    const over = second.waitForRun(isOver);
    valueOf(await second.engine.train.resume(runId));
    expect((await over).phase).toEqual({ kind: 'done' });
    expect(await second.engine.train.points(runId)).toEqual(wholePoints);
    // Same parameters to the last bit: the id is their hash.
    expect((await trainedSae(second.engine)).saeId).toBe(wholeSae.saeId);
    second.contexts[0]!.dispose();
  });

  it('survives a killed device: says so, keeps the checkpoint, resumes on a new one', async () => {
    // A device compiles each shader anew, and software shaders are slow: two blocks as above, of a quarter of the length.
    const form: TrainForm = { ...FORM, tokens: 512, advanced: { ringRows: 256 } };
    const straight = await openDemo();
    valueOf(await straight.engine.sae.setBackend('webgpu'));
    const ended = straight.waitForRun(isOver);
    const uninterrupted = valueOf(await straight.engine.train.start(form));
    await ended;
    const victim = await openDemo(createMemoryStorage(), openNodeDevice);
    valueOf(await victim.engine.sae.setBackend('webgpu'));
    const reached = victim.waitForRun((run) => run.step >= 3);
    const saved = victim.waitForRun((run) => (run.savedStep ?? 0) >= 3);
    const failed = victim.waitForRun((run) => run.phase.kind === 'failed');
    const { runId } = valueOf(await victim.engine.train.start(form));
    await reached;
    await victim.engine.train.saveSoon();
    await saved;
    victim.contexts[0]!.device.destroy();
    const run = await failed;
    expect(run.phase).toMatchObject({ kind: 'failed', problem: { kind: 'device-lost' } });
    expect(run.savedStep).toBeGreaterThanOrEqual(3);

    const over = victim.waitForRun(isOver);
    valueOf(await victim.engine.train.resume(runId));
    expect((await over).phase).toEqual({ kind: 'done' });
    expect(victim.contexts).toHaveLength(2);
    const points = await victim.engine.train.points(runId);
    expect(points).toHaveLength(8);
    expect(points).toEqual(await straight.engine.train.points(uninterrupted.runId));
    victim.contexts[1]!.dispose();
    straight.contexts[0]!.dispose();
  });

  it('on the processor does not mind a killed device', async () => {
    const victim = await openDemo(createMemoryStorage(), openNodeDevice);
    const reached = victim.waitForRun((run) => run.step >= 5);
    const over = victim.waitForRun(isOver);
    const { runId } = valueOf(await victim.engine.train.start(FORM));
    await reached;
    victim.contexts[0]!.device.destroy();
    expect((await over).phase).toEqual({ kind: 'done' });
    expect(await victim.engine.train.points(runId)).toEqual(wholePoints);
    for (const context of victim.contexts) context.dispose();
  });

  it('keeps the trained SAE in the tab when storage is full', async () => {
    const full = await openDemo(createMemoryStorage(100_000));
    const over = full.waitForRun(isOver);
    valueOf(await full.engine.train.start({ ...FORM, tokens: 256 }));
    expect((await over).phase).toEqual({ kind: 'done' });
    const sae = await trainedSae(full.engine);
    expect(valueOf(await full.engine.sae.export(sae.saeId)).size).toBeGreaterThan(500_000);
    const problems = full.events.flatMap((e) => (e.kind === 'problem' ? [e.problem] : []));
    expect(problems).toMatchObject([{ kind: 'storage-full' }, { kind: 'storage-full' }]);
    expect(problems[0]!.wayOut).toContain('Training continues, but its history ends here.');
    expect(problems[1]!.wayOut).toContain('Download it now');
    // Nothing of it was saved but its settings, and that is what is said (7.1).
    expect(problems[1]!.wayOut).toContain('The settings of run-1 are kept');
    expect(sae.isUnstored).toBe(true);
    full.contexts[0]!.dispose();
  });
});

describe('one thing at a time', () => {
  it('keeps the model open while a run needs it, and says what to do', async () => {
    const busy = await openDemo();
    const over = busy.waitForRun(isOver);
    valueOf(await busy.engine.train.start(FORM));
    const refused = await busy.engine.model.open({ kind: 'demo' });
    expect(refused).toMatchObject({ ok: false, problem: { kind: 'config', field: 'run' } });
    expect(await busy.engine.train.start(FORM)).toMatchObject({
      ok: false,
      problem: { field: 'run' },
    });
    await busy.engine.train.stop();
    const { phase, step } = await over;
    expect(phase).toEqual({ kind: 'stopped' });
    // It is stopped before its first step or after some: what was learned is kept.
    const kept = step === 0 ? ['demo'] : ['demo', 'trained'];
    expect((await busy.engine.sae.list()).map((sae) => sae.origin)).toEqual(kept);
    expect(await busy.engine.model.open({ kind: 'demo' })).toMatchObject({ ok: true });
    busy.contexts[0]!.dispose();
  });
});

describe('stopping', () => {
  it('keeps what was learned as an SAE, also in the middle of a refill, and can go on', async () => {
    const stopped = await openDemo();
    // Step 16 is the last of the first block: the stop falls into the refill behind it.
    const atRefill = stopped.waitForRun((run) => run.step >= 16);
    const over = stopped.waitForRun(isOver);
    const { runId } = valueOf(await stopped.engine.train.start(FORM));
    await atRefill;
    await stopped.engine.train.stop();
    const run = await over;
    expect(run.phase).toEqual({ kind: 'stopped' });
    expect(run.step).toBeGreaterThanOrEqual(16);
    expect((await trainedSae(stopped.engine)).tokens).toBe(run.step * FORM.batchSize);

    const finished = stopped.waitForRun((later) => later.phase.kind === 'done');
    valueOf(await stopped.engine.train.resume(runId));
    await finished;
    const saes = await stopped.engine.sae.list();
    expect(saes.map((sae) => sae.saeId)).toContain(wholeSae.saeId);
    stopped.contexts[0]!.dispose();
  });
});

describe('exploring', () => {
  it('stops counting when told to, and keeps nothing', async () => {
    const { engine } = whole;
    const counting = engine.statistics.compute(wholeSae.saeId, 400_000, 7);
    await engine.cancel(7);
    expect(await counting).toMatchObject({ ok: false, problem: { kind: 'cancelled' } });
    expect(await engine.statistics.rows(wholeSae.saeId)).toMatchObject({
      ok: false,
      problem: { field: 'statistics' },
    });
  });

  it('gives every latent counts, histogram, examples and logits', async () => {
    const { engine } = whole;
    const before = await engine.statistics.rows(wholeSae.saeId);
    expect(before).toMatchObject({ ok: false, problem: { kind: 'config' } });
    const facts = valueOf(await engine.statistics.compute(wholeSae.saeId, 4000));
    expect(facts.statisticsTokens).toBeGreaterThanOrEqual(3800);
    const rows = valueOf(await engine.statistics.rows(wholeSae.saeId));
    expect(rows).toHaveLength(256);
    // Every token keeps at most k latents, and the trained SAE uses nearly all its slots.
    const fires = rows.reduce((sum, row) => sum + row.fireCount, 0);
    expect(fires / facts.statisticsTokens).toBeGreaterThan(7);
    expect(fires / facts.statisticsTokens).toBeLessThanOrEqual(8);

    const strongest = rows.reduce((a, b) => (a.maxAct > b.maxAct ? a : b));
    const dashboard = valueOf(
      await engine.statistics.dashboard(wholeSae.saeId, strongest.latentIndex),
    );
    expect(dashboard.row).toEqual(strongest);
    const inHistogram = dashboard.histogram.counts.reduce((a, b) => a + b, 0);
    expect(inHistogram).toBe(strongest.fireCount);
    const [best] = dashboard.topExamples;
    expect(best!.tokens[best!.peak]!.act).toBe(best!.act);
    // Activations of examples are kept in f16: 11 bits.
    expect(Math.abs(best!.act / strongest.maxAct - 1)).toBeLessThan(2 ** -11);
    expect(best!.tokens).toHaveLength(128);
    const { details } = dashboard;
    expect(details!.intervals.reduce((sum, group) => sum + group.count, 0)).toBe(
      strongest.fireCount,
    );
    expect(details!.neighbours[0]!.cosine).toBeCloseTo(strongest.neighbourCosine!, 12);
    expect(details!.randomExamples.length).toBeGreaterThan(0);
    expect(dashboard.topLogits).toHaveLength(10);
    expect(dashboard.topLogits[0]!.value).toBeGreaterThan(dashboard.bottomLogits[0]!.value);
    expect(dashboard.topLogits[0]!.text).toBe(strongest.topToken);
  });

  it('exports files that import as the same SAE', async () => {
    const { engine } = whole;
    const zip = valueOf(await engine.sae.export(wholeSae.saeId));
    const files = [{ path: 'download.zip', blob: zip }];
    // Here it is already: what it has is opened (7.12).
    expect(valueOf(await engine.sae.import(files))).toMatchObject({ saeId: wholeSae.saeId });
    const elsewhere = await startNodeEngine(makeNodeParts());
    const imported = valueOf(await elsewhere.engine.sae.import(files));
    expect(imported).toMatchObject({ origin: 'imported', d_sae: 256, k: 8, tokens: FORM.tokens });
    expect(imported.hookPoint).toBe(wholeSae.hookPoint);
    expect(imported.l0).toBe(wholeSae.l0);
    expect(imported.saeId.split('~')[1]).toBe(wholeSae.saeId.split('~')[1]);
    await elsewhere.engine.sae.delete(imported.saeId);
    const left = await elsewhere.engine.sae.list();
    expect(left.map((sae) => sae.saeId)).not.toContain(imported.saeId);
  });
});

describe('generating', () => {
  const request: GenerationRequest = {
    prompt: 'Once upon a time',
    maxTokens: 24,
    temperature: 1,
    topK: 50,
    seed: 9,
  };
  const generate = (change: Partial<SteeredRequest>, onToken?: (token: number) => void) =>
    generateText(whole, { ...request, ...change }, onToken);
  const ids = (tokens: GeneratedToken[]) => tokens.map((token) => token.tokenId);

  it('repeats a text from its seed, and changes it with the seed', async () => {
    const first = await generate({});
    expect(ids(first.baseline)).toHaveLength(24);
    expect(ids((await generate({})).baseline)).toEqual(ids(first.baseline));
    expect(ids((await generate({ seed: 10 })).baseline)).not.toEqual(ids(first.baseline));
    expect(first.baseline.every((token) => (token.logProb ?? 1) <= 0)).toBe(true);
  });

  it('leaves the text alone at strength 0, token for token, and changes it beyond', async () => {
    const rows = valueOf(await whole.engine.statistics.rows(wholeSae.saeId));
    const { latentIndex } = rows.reduce((a, b) => (a.maxAct > b.maxAct ? a : b));
    const slot = { saeId: wholeSae.saeId, latentIndex };
    const plain = await generate({});
    const neutral = await generate({ steer: addLatent({ ...slot, value: 0 }) });
    expect(ids(neutral.steered)).toEqual(ids(neutral.baseline));
    expect(ids(neutral.baseline)).toEqual(ids(plain.baseline));
    const steered = await generate({ steer: addLatent({ ...slot, value: 3 }) });
    expect(ids(steered.baseline)).toEqual(ids(plain.baseline));
    expect(ids(steered.steered)).not.toEqual(ids(steered.baseline));
  });

  it('reads the slider once per token while text streams', async () => {
    const rows = valueOf(await whole.engine.statistics.rows(wholeSae.saeId));
    const { latentIndex } = rows.reduce((a, b) => (a.maxAct > b.maxAct ? a : b));
    const steer = addLatent({ saeId: wholeSae.saeId, latentIndex, value: 0 });
    const { baseline, steered } = await generate({ steer, maxTokens: 60 }, (token) => {
      if (token === 5) void whole.engine.steer.setSlotValue('slot-1', 3);
    });
    // Moved when token 5 was told, in force from token 6 on.
    expect(steered.map((token) => token.values[0])).toEqual(
      Array.from({ length: 60 }, (_, i) => (i < 6 ? 0 : 3)),
    );
    expect(ids(steered).slice(0, 6)).toEqual(ids(baseline).slice(0, 6));
    expect(ids(steered)).not.toEqual(ids(baseline));
  });

  it('names what is wrong with a request', async () => {
    const { engine } = whole;
    const tooLong = await engine.generate.run(newGenerationId(), {
      ...request,
      prompt: 'word '.repeat(400),
    });
    expect(tooLong).toMatchObject({ ok: false, problem: { kind: 'config', field: 'prompt' } });
    const steer = addLatent({ saeId: wholeSae.saeId, latentIndex: 256, value: 1 });
    const outside = await engine.steer.generate(newGenerationId(), { ...request, steer });
    expect(outside).toMatchObject({ ok: false, problem: { field: 'latentIndex' } });
  });
});

describe('bad model files', () => {
  it('leave the open model as it was and say what is wrong', async () => {
    const { engine } = whole;
    const noFiles = await engine.model.open({
      kind: 'files',
      files: [{ path: 'notes.txt', blob: new Blob(['hello']) }],
    });
    expect(noFiles).toMatchObject({ ok: false, problem: { kind: 'file' } });
    const broken = await engine.model.open({
      kind: 'files',
      files: [
        { path: 'model_000001.pt', blob: new Blob(['PK\u0003\u0004 cut off']) },
        { path: 'meta_000001.json', blob: new Blob(['{}']) },
        { path: 'tokenizer.pkl', blob: new Blob(['']) },
      ],
    });
    expect(broken).toMatchObject({ ok: false, problem: { kind: 'file' } });
    expect(await engine.model.tokenize('hello world')).toHaveLength(3);
  });
});
