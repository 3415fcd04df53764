// A whole SAE in the files of SAEDashboard and Neuronpedia, against schemas written from interop.md, without the model.
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { createHostedEngine } from '../../../../src/engine/createEngine';
import type { EngineHosts } from '../../../../src/engine/hosts';
import { CancelledError } from '../../../../src/engine/problems';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import type { ExportFormat, ExportRequest } from '../../../../src/engine/share/api';
import { exportSaeFiles } from '../../../../src/engine/share/saeExport';
import { createEvaluationStore } from '../../../../src/engine/evaluate/evaluationStore';
import type { NeuronpediaMetadata } from '../../../../src/formats/sae/neuronpediaMetadata';
import { unzipFiles } from '../../../../src/formats/archives/archive';
import { openSae } from '../../../../src/formats/sae/openSae';
import { evaluationOf } from '../../../helpers/evaluationCase';
import '../../../helpers/matchers';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import {
  BULK_LINES,
  BULK_ROWS,
  DashboardBatchFile,
  SkippedIndexesFile,
} from '../../../helpers/statistics/neuronpediaSchemas';
import { dropOfPeer } from '../../../helpers/sae/peerSaes';
import { makeSaeStatistics } from '../../../helpers/statistics/saeStatisticsCase';

let hosts: EngineHosts;
let sae: SaeFacts;
const noStep = () => Promise.resolve();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function filesOf(format: ExportFormat, more: Partial<ExportRequest> = {}) {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const request = { saeId: sae.saeId, format, ...more };
  for await (const { path, bytes } of exportSaeFiles(hosts, request, noStep)) {
    expect(files.has(path)).toBe(false);
    files.set(path, bytes);
  }
  return files;
}
const linesOf = (bytes: Uint8Array) =>
  textOf(gunzipSync(bytes))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  const { engine, hosts: made } = createHostedEngine(makeNodeParts());
  hosts = made;
  const drop = await dropOfPeer('tests/fixtures/saes', { folder: 'saelens-topk' });
  sae = await hosts.library.import(drop);
  await hosts.library.setStatistics(sae.saeId, makeSaeStatistics(sae.d_sae), {
    name: 'mine',
    isDemo: false,
  });
  const note = {
    latentIndex: 0,
    label: 'a name\u0000 \ud83d',
    note: '',
    tags: [],
    isStarred: false,
  };
  await engine.statistics.setNote(sae.saeId, note);
});

describe('dashboards of a whole SAE', () => {
  it('are what SAEDashboard writes, key by key', async () => {
    const files = await filesOf('dashboards');
    const names = [...files.keys()];
    expect(names).toEqual([
      'batch-0.json',
      'run_settings.json',
      'skipped_indexes.json',
      'README.md',
    ]);
    const batch = v.parse(DashboardBatchFile, JSON.parse(textOf(files.get('batch-0.json')!)));
    const skipped = v.parse(
      SkippedIndexesFile,
      JSON.parse(textOf(files.get('skipped_indexes.json')!)),
    );
    const written = batch.features.map(({ feature_index: index }) => index);
    expect([...written, ...skipped.skipped_indexes].sort((a, b) => a - b)).toEqual(
      Array.from({ length: sae.d_sae }, (_, i) => i),
    );
    const fired = (await hosts.library.statistics(sae.saeId))!.fireCount;
    expect(written.every((index) => fired[index]! > 0)).toBe(true);
    expect(textOf(files.get('README.md')!)).toContain('Correlated neurons are empty');
  });

  it('tell how far they are, and end when they are cancelled', async () => {
    const told: number[] = [];
    const run = async () => {
      const request = { saeId: sae.saeId, format: 'dashboards' as const };
      const step = (_phase: string, done: number) => {
        told.push(done);
        return Promise.reject(new CancelledError('x'));
      };
      for await (const { path } of exportSaeFiles(hosts, request, step)) told.push(path.length);
    };
    await expect(run()).rejects.toThrow(CancelledError);
    expect(told).toHaveLength(1);
  });
});

describe('the bulk layout of Neuronpedia', () => {
  it('has its rows, with the same keys on every line and every id once', async () => {
    const files = await filesOf('neuronpedia', { creatorName: 'me', licence: 'MIT' });
    const root = 'nanochat-org-nanochat-d4/1-res-topk-20';
    const ids = new Set<unknown>();
    let lines = 0;
    for (const [path, bytes] of files) {
      expect(path.startsWith(`${root}/`)).toBe(true);
      const name = path.slice(root.length + 1);
      if (name === 'README.md') continue;
      if (Object.hasOwn(BULK_ROWS, name)) {
        const row: unknown = JSON.parse(textOf(bytes));
        v.parse(BULK_ROWS[name as keyof typeof BULK_ROWS], row);
        expect(textOf(bytes).endsWith('}\n')).toBe(true);
        continue;
      }
      const table = name.split('/')[0] as keyof typeof BULK_LINES;
      expect(name).toMatch(/^(features|activations|explanations)\/batch-0\.jsonl\.gz$/);
      const rows = linesOf(bytes);
      const keys = Object.keys(rows[0]!).join();
      for (const row of rows) {
        v.parse(BULK_LINES[table], row);
        expect(Object.keys(row).join()).toBe(keys);
        if ('id' in row) ids.add(row['id']);
        if (table !== 'features') lines++;
      }
    }
    expect(ids.size).toBe(lines);
    expect(files.size).toBe(8);
    const readme = textOf(files.get(`${root}/README.md`)!);
    expect(readme).toContain('Prepared for Neuronpedia');
    expect(readme).toContain('| licence | MIT |');
  });

  it('takes a person’s names and writes what a database can keep', async () => {
    const files = await filesOf('neuronpedia', { modelId: 'my-model', sourceSet: 'res-mine' });
    const path = 'my-model/1-res-mine/explanations/batch-0.jsonl.gz';
    const [first] = linesOf(files.get(path)!);
    expect(first).toMatchObject({ index: '0', notes: 'named by a person, in nanoscope' });
    expect(first!['description']).toContain('a name');
  });

  it.each([
    [{ modelId: 'My model' }, "Neuronpedia's id of the model"],
    [{ modelId: 'a--b' }, "Neuronpedia's id of the model"],
    [{ sourceSet: 'neurons' }, 'not be "neurons"'],
  ])('refuses names that Neuronpedia refuses: %o', async (names, sentence) => {
    await expect(filesOf('neuronpedia', names)).rejects.toThrow(sentence);
  });
});

describe('weights', () => {
  it('leave as SAELens with the record of their making, and come back', async () => {
    const files = await filesOf('saelens', { licence: 'CC0-1.0' });
    const cfg = JSON.parse(textOf(files.get('cfg.json')!)) as {
      metadata: { nanoscope: { metadata: Record<string, unknown> } };
    };
    const { metadata } = cfg.metadata.nanoscope;
    expect(metadata).toMatchObject({
      model: { hookPoint: 'blocks.1.hook_resid_post', module: 'model.layers.1' },
      licence: 'CC0-1.0',
      statistics: { dataset: 'mine' },
      tool: { name: 'nanoscope' },
    });
    const digest = await crypto.subtle.digest('SHA-256', files.get('sae_weights.safetensors')!);
    const hash = Buffer.from(digest).toString('hex');
    expect(metadata['sha256']).toEqual({ 'sae_weights.safetensors': hash });
    expect(textOf(files.get('README.md')!)).toContain(hash);
    const drop = [...files].map(([path, bytes]) => ({ path, blob: new Blob([bytes]) }));
    const [read, kept] = [(await openSae(drop)).params, await hosts.library.params(sae.saeId)];
    expect(read.W_enc).toEqual(kept.W_enc);
    // Norms go into the decoder and out again.
    expect(read.W_dec).toBeAllclose(kept.W_dec, { rtol: 1e-6 });
  });

  it('leave with all that is known of the demo: making, evaluation, versions, hashes', async () => {
    const [demo] = await hosts.library.list();
    const { saeId } = demo!;
    const evaluation = evaluationOf(demo!);
    await createEvaluationStore(hosts.parts.storage).put(evaluation);
    const text = hosts.corpusHost.current();
    const corpusHost = {
      ...hosts.corpusHost,
      current: () => ({ ...text, facts: () => ({ ...text.facts(), tokens: 400_000 }) }),
    };
    const request = { saeId, format: 'saelens', modelRepo: 'me/nanochat-hf' } as const;
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for await (const { path, bytes } of exportSaeFiles({ ...hosts, corpusHost }, request, noStep)) {
      files.set(path, bytes);
    }
    const { metadata } = JSON.parse(textOf(files.get('cfg.json')!)) as {
      metadata: Record<string, unknown> & { nanoscope: { metadata: NeuronpediaMetadata } };
    };
    // What SAELens' load_model is given, with its class.
    expect(metadata).toMatchObject({
      model_name: 'me/nanochat-hf',
      model_class_name: 'AutoModelForCausalLM',
      hf_hook_name: 'model.layers.2',
    });
    const { metadata: known } = metadata.nanoscope;
    const { metrics } = evaluation;
    expect(known).toMatchObject({
      model: { name: 'demo', id: demo!.modelId, hookPoint: 'blocks.2.hook_resid_post' },
      sae: { id: saeId, architecture: 'topk', d_in: 256, d_sae: 2048, k: 32 },
      training: {
        tokens: 499_712,
        steps: 488,
        epochs: 1.249,
        batchSize: 1024,
        // Not in the demo's recipe.
        learningRate: null,
        seed: 0,
        dataset: 'nanoscope-demo-corpus',
        contextSize: 256,
        prependBos: true,
        excludeSpecialTokens: true,
      },
      evaluation: {
        tokens: metrics.tokens,
        date: evaluation.date,
        explainedVariance: metrics.explainedVariance,
        ceLossRecovered: metrics.ceLossRecovered,
        deadFraction: metrics.deadFractionEval,
      },
      measured: { explainedVariance: demo!.explainedVariance, l0: 32, deadFraction: 0 },
      statistics: { tokens: demo!.statisticsTokens, dataset: 'nanoscope-demo-corpus' },
      licence: 'MIT',
    });
    expect(known.tool.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(known.sha256['sae_weights.safetensors']).toMatch(/^[0-9a-f]{64}$/);
    const readme = textOf(files.get('README.md')!);
    for (const said of ['499712, 488, 1.249', '1024, unknown, 0', 'MIT', evaluation.date]) {
      expect(readme).toContain(said);
    }
  });

  it('leave for sparsify in a folder of the hook’s name', async () => {
    const names = [...(await filesOf('sparsify')).keys()];
    expect(names).toEqual([
      'layers.1/cfg.json',
      'layers.1/sae.safetensors',
      'layers.1/nanoscope.json',
      'README.md',
    ]);
  });
});

it('asks for the model where Neuronpedia asks for its layers', async () => {
  await expect(filesOf('upload')).rejects.toThrow('is not open: open');
});

it('packs what the page saves into one zip', async () => {
  const { engine } = createHostedEngine(makeNodeParts());
  const drop = await dropOfPeer('tests/fixtures/saes', { folder: 'saelens-topk' });
  const imported = await engine.sae.import(drop);
  if (!imported.ok) throw new Error(imported.problem.what);
  const { saeId } = imported.value;
  const zip = await engine.share.exportSae({ saeId, format: 'saelens' });
  if (!zip.ok) throw new Error(zip.problem.what);
  const files = await unzipFiles(zip.value, 'x.zip');
  expect(files.map(({ path }) => path)).toContain('README.md');
  const bare = await engine.share.exportSae({ saeId, format: 'neuronpedia' });
  expect(bare).toMatchObject({
    ok: false,
    problem: { what: 'This SAE has no statistics yet. Compute them first.' },
  });
});
