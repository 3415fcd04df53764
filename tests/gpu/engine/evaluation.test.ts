// An evaluation end to end on the demo model and SAE: against a float64 forward pass with the same edits, and
// through the engine with storage, queue, cancel and failure.
import { openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { reconstruct } from '../../../src/core/evaluate/reconstruction';
import {
  nanochatReference,
  readReferenceWeights,
} from '../../../src/core/reference/nanochatReference';
import { saeEncodeReference } from '../../../src/core/reference/saeEncode';
import { topkReference } from '../../../src/core/reference/topkRow';
import type { SaeParams } from '../../../src/core/sae/sae';
import type { EngineEvent } from '../../../src/engine/api';
import type { EvaluationRow } from '../../../src/engine/evaluate/api';
import type { PackedCorpus } from '../../../src/engine/text/corpusHost';
import { evaluateSae } from '../../../src/engine/evaluate/evaluateSae';
import { sequencesPerPass } from '../../../src/engine/evaluate/evaluationBatch';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { readMatrix } from '../../../src/gpu/device/readMatrix';
import { createSaeEncoder } from '../../../src/gpu/sae/saeEncoder';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { makeSaeParams } from '../../helpers/cases';
import { readDemoCheckpoint, readGolden } from '../../helpers/model/modelDemo';
import { startNodeEngine, type ListenedEngine } from '../../helpers/engine/nodeEngine';
import { DEMO_FOLDER, makeNodeParts } from '../../helpers/engine/nodeParts';
import { borrowDevice } from '../../helpers/device/sharedGpu';

const HOOK = 'blocks.2.hook_resid_post' as const;
const LENGTH = 40;
const DEMO_ID = (
  JSON.parse(readFileSync(join(DEMO_FOLDER, 'sae/facts.json'), 'utf8')) as { saeId: string }
).saeId;

async function demoParams(): Promise<SaeParams> {
  const files = ['cfg.json', 'sae_weights.safetensors'].map(async (path) => ({
    path,
    blob: await openAsBlob(join(DEMO_FOLDER, 'sae', path)),
  }));
  return (await parseSaeLens(await Promise.all(files))).params;
}

/** ŷ of every row in f64 from what is read: encode, TopK, decode, by the kernels' twins. */
function splice(params: SaeParams, x: Float64Array): Float64Array {
  const { d_in, d_sae } = params;
  if (params.architecture !== 'topk') throw new Error('both are TopK');
  const { k } = params;
  const rows = x.length / d_in;
  const centre = params.applyBDecToInput ? 1 : 0;
  const xc = Float32Array.from(x, (value, j) => value - centre * params.b_dec[j % d_in]!);
  const W_enc = new Float32Array(d_in * d_sae);
  for (let i = 0; i < d_in; i++) {
    for (let latent = 0; latent < d_sae; latent++) {
      W_enc[latent * d_in + i] = params.W_enc[i * d_sae + latent]!;
    }
  }
  const { preActs } = saeEncodeReference({ rows, d_in, d_sae, xc, W_enc, b_enc: params.b_enc });
  return reconstruct(params, topkReference(preActs, { rows, d_sae, k }), rows);
}

function logSoftmax(row: Float64Array): Float64Array {
  const highest = Math.max(...row);
  const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
  return row.map((value) => value - highest - Math.log(sum));
}

/** Writes about as much as the MLP of block 2, and nothing like it. */
function someTranscoder(): Promise<SaeParams> {
  const params = makeSaeParams({ seed: 8, d_in: 256, d_sae: 300, k: 12 });
  return Promise.resolve({ ...params, applyBDecToInput: false });
}

it.each([
  { what: 'an SAE', hook: HOOK, place: HOOK, read: demoParams, least: 0.5 },
  {
    what: 'a transcoder',
    hook: 'blocks.2.ln2.hook_normalized' as const,
    place: 'blocks.2.hook_mlp_out' as const,
    read: someTranscoder,
    least: 0.02,
  },
])('CE and KL of $what are those of a float64 forward pass with the edits inside', async (o) => {
  const checkpoint = await readDemoCheckpoint();
  const params = await o.read();
  const { vocab_size: vocabSize } = checkpoint.config;
  // One document's beginning and another's: the special token inside keeps its activation.
  const ids = readGolden('long').tokenIds.slice(0, LENGTH);
  const bos = ids[0]!;
  ids[17] = bos;
  const isCounted = (position: number) => ids[position] !== bos;

  const weights = await readReferenceWeights(checkpoint);
  const run = (replace: ((read: Float64Array) => Float64Array) | null) => {
    let read = new Float64Array();
    return nanochatReference(weights, ids, (hook, x) => {
      if (hook === o.hook) read = x.slice();
      if (hook !== o.place || replace === null) return;
      const replaced = replace(read);
      for (let j = 0; j < x.length; j++) {
        if (isCounted(Math.floor(j / params.d_in))) x[j] = replaced[j]!;
      }
    }).logits;
  };
  const logits = [run(null), run((y) => splice(params, y)), run((y) => new Float64Array(y.length))];
  const sums = { ce: [0, 0, 0], kl: [0, 0, 0], positions: 0 };
  for (let t = 0; t + 1 < LENGTH; t++) {
    if (!isCounted(t) || !isCounted(t + 1)) continue;
    sums.positions++;
    const rows = logits.map((all) => logSoftmax(all.slice(t * vocabSize, (t + 1) * vocabSize)));
    rows.forEach((row, i) => {
      sums.ce[i]! -= row[ids[t + 1]!]!;
      rows[0]!.forEach((p, v) => (sums.kl[i]! += Math.exp(p) * (p - row[v]!)));
    });
  }

  const opened = await borrowDevice();
  if (!opened.ok) throw new Error(opened.message);
  const encoder = await createSaeEncoder(opened.context, params);
  const runtime = await createModelRuntime({ checkpoint, backend: 'wasm', device: null });
  const corpus: PackedCorpus = {
    contextSize: LENGTH,
    count: 1,
    sequence: () => ids,
    countedPositions: () => Uint32Array.from(ids.keys()).filter(isCounted),
  };
  const ours = await evaluateSae({
    params,
    hook: o.hook,
    encoder,
    runtime,
    corpus,
    tokens: 1000,
    readMatrix: (x) => readMatrix(opened.context, x),
    onBatch: () => Promise.resolve(),
  });
  encoder.dispose();
  await runtime.dispose();

  expect(ours.tokens).toBe(LENGTH - 2);
  expect(ours.positions).toBe(sums.positions);
  const mean = (total: number | undefined) => total! / sums.positions;
  expect(Math.abs(ours.ceClean - mean(sums.ce[0]))).toBeLessThan(1e-4);
  expect(Math.abs(ours.ceWithSae - mean(sums.ce[1]))).toBeLessThan(1e-4);
  expect(Math.abs(ours.ceAblated - mean(sums.ce[2]))).toBeLessThan(1e-4);
  expect(Math.abs(ours.klWithSae - mean(sums.kl[1]))).toBeLessThan(1e-4);
  expect(Math.abs(ours.klAblated - mean(sums.kl[2]))).toBeLessThan(1e-4);
  // The three conditions differ by far more than the tolerance.
  expect(ours.ceAblated - ours.ceClean).toBeGreaterThan(o.least);
  expect(ours.klWithSae).toBeGreaterThan(0.01);
});

it('a batch of logits stays within its bytes, whatever the vocabulary', () => {
  expect(sequencesPerPass(256, 4096)).toBe(4);
  expect(sequencesPerPass(256, 65_536)).toBe(1);
  expect(sequencesPerPass(2048, 65_536)).toBe(1);
});

describe('the engine', () => {
  const storage = createMemoryStorage();
  let engine: ListenedEngine;
  beforeAll(async () => {
    // Progress is told twice a second; by this clock every look at it is a second later.
    let seconds = 0;
    const now = () => 1000 * seconds++;
    engine = await startNodeEngine(makeNodeParts({ storage, openDevice: borrowDevice, now }));
    const opened = await engine.engine.model.open({ kind: 'demo' });
    if (!opened.ok) throw new Error(opened.problem.what);
  });

  const rowOf = async (saeId: string): Promise<EvaluationRow | undefined> =>
    (await engine.engine.evaluate.list()).find((row) => row.saeId === saeId);
  const states = (events: EngineEvent[], saeId: string) =>
    events.flatMap((event) =>
      event.kind === 'evaluation' && event.row.saeId === saeId ? [event.row.state.kind] : [],
    );

  it('measures the demo SAE, probes the user’s file, flags what failed, and keeps the numbers', async () => {
    const lines = Array.from({ length: 48 }, (_, i) =>
      JSON.stringify(
        i % 2 === 0
          ? {
              body: `User: Can you find me hotel ${i}?\nAssistant: Which city do you want?`,
              kind: 'chat',
            }
          : {
              body: `Once upon a time, girl ${i} went to the big park with her mom.`,
              kind: 'tale',
            },
      ),
    );
    const file = { path: 'mine.jsonl', blob: new Blob([lines.join('\n')]) };
    const outcome = await engine.engine.evaluate.run(['no-such~0', DEMO_ID], {
      tokens: 300,
      probing: { kind: 'file', file, textField: 'body', labelField: 'kind' },
    });
    expect(outcome).toEqual({ ok: true, value: null });
    expect(await rowOf('no-such~0')).toMatchObject({
      evaluation: null,
      state: { kind: 'failed', problem: { kind: 'config', field: 'sae' } },
    });
    const row = await rowOf(DEMO_ID);
    expect(row?.state).toEqual({ kind: 'idle' });
    const { metrics, probing, ...about } = row!.evaluation!;
    expect(about).toMatchObject({
      isComplete: true,
      requestedTokens: 300,
      corpus: { name: 'demo', part: 'held-out', contextSize: 256 },
      sae: { id: DEMO_ID, architecture: 'topk', hookPoint: HOOK },
    });
    expect(about.availableTokens).toBeGreaterThan(40_000);
    expect(metrics.tokens).toBeGreaterThanOrEqual(300);
    expect(metrics.tokens).toBeLessThan(300 + 256);
    expect(metrics).toMatchObject({ l0: 32, l0Std: 0 });
    expect(metrics.explainedVariance).toBeGreaterThan(0.7);
    expect(metrics.explainedVariance).toBeLessThan(0.9);
    expect(metrics.ceClean).toBeLessThan(metrics.ceWithSae);
    expect(metrics.ceLossRecovered).toBeGreaterThan(0.8);
    expect(probing).toMatchObject({ task: '“kind” of mine.jsonl', sizes: [1, 2, 5] });
    expect(probing!.accuracy[2]).toBeGreaterThan(probing!.majority);

    // Another visit sees them.
    const later = await startNodeEngine(makeNodeParts({ storage, openDevice: borrowDevice }));
    expect(await later.engine.evaluate.list()).toEqual([
      { saeId: DEMO_ID, state: { kind: 'idle' }, evaluation: row!.evaluation },
    ]);
  });

  it('keeps what was measured before a cancel, and lets the queue go', async () => {
    const { engine: api, events } = engine;
    const from = events.length;
    const measured = engine.waitFor(
      (event) => event.kind === 'progress' && (event.progress?.done ?? 0) > 0,
    );
    const queue = api.evaluate.run([DEMO_ID, 'no-such~0'], { tokens: 40_000, probing: null }, 7);
    await measured;
    expect(await api.evaluate.run([DEMO_ID], { tokens: 300, probing: null })).toMatchObject({
      ok: false,
      problem: { field: 'evaluation' },
    });
    await api.cancel(7);
    expect(await queue).toMatchObject({ ok: true });
    const row = await rowOf(DEMO_ID);
    expect(row).toMatchObject({ state: { kind: 'idle' }, evaluation: { isComplete: false } });
    expect(row!.evaluation!.metrics.tokens).toBeGreaterThan(0);
    expect(row!.evaluation!.metrics.tokens).toBeLessThan(40_000);
    // The one that waited was never begun.
    expect(states(events.slice(from), 'no-such~0')).not.toContain('running');
  });

  it('refuses a budget of nothing, by field', async () => {
    expect(await engine.engine.evaluate.run([DEMO_ID], { tokens: 0, probing: null })).toMatchObject(
      {
        ok: false,
        problem: { kind: 'config', field: 'tokens' },
      },
    );
  });
});
