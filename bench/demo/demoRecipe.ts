// The demo SAE: its recipe, trained through the product's own engine, and its measurement on held-out
// text. Shared by the quality bench and the script that bakes what ships with the page.
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { SaeFacts } from '../../src/engine/sae/api';
import type { TrainForm } from '../../src/engine/train/api';
import { createCorpusHost } from '../../src/engine/text/corpusHost';
import { evaluateReconstruction } from '../../src/engine/evaluate/evaluate';
import type { ReconstructionMetrics } from '../../src/core/evaluate/reconstruction';
import { createModelRuntime } from '../../src/model/modelRuntime';
import { defaultThreads } from '../../src/node/kernelThreads';
import { unzipFiles, zipFiles } from '../../src/formats/archives/archive';
import { parseSaeLens } from '../../src/formats/sae/saelens';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../src/formats/sae/saeFolder';
import { startNodeEngine, type ListenedEngine } from '../../tests/helpers/engine/nodeEngine';
import { makeModelHosts } from '../../tests/helpers/model/modelHosts';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';
import { valueOf } from './outcome';

export const DEMO_RECIPE: TrainForm = {
  hookPoint: 'blocks.2.hook_resid_post',
  expansionFactor: 8,
  k: 32,
  tokens: 500_000,
  batchSize: 1024,
  seed: 0,
};

export const HELD_OUT_TOKENS = 40_000;
/** Milliseconds between two lines of progress. */
const REPORT_INTERVAL = 30_000;

export type TrainedDemo = { facts: SaeFacts; zip: Blob; adapter: string | null; seconds: number };

/** `packing`: as earlier versions cut their text, which no form offers. */
export async function trainDemoSae(
  form: TrainForm,
  packing: { prependBos?: boolean } = {},
): Promise<TrainedDemo> {
  const node = await startNodeEngine(makeNodeParts());
  const { engine, events } = node;
  valueOf(await engine.model.open({ kind: 'demo' }));
  const started = performance.now();
  const facts = await trainIn(node, { ...form, advanced: { ...form.advanced, ...packing } });
  return {
    facts,
    zip: valueOf(await engine.sae.export(facts.saeId)),
    adapter: events.find((event) => event.kind === 'device')?.device.adapter ?? null,
    seconds: Math.round((performance.now() - started) / 1000),
  };
}

/** Trains to the end with the open model, telling from time to time how far it is. */
export async function trainIn(
  { engine, events, waitForRun }: ListenedEngine,
  form: TrainForm,
): Promise<SaeFacts> {
  const over = waitForRun((run) => ['done', 'failed', 'stopped'].includes(run.phase.kind));
  valueOf(await engine.train.start(form));
  const report = setInterval(() => {
    const run = events.findLast((event) => event.kind === 'run')?.run;
    const point = events.findLast((event) => event.kind === 'points')?.points.at(-1);
    console.error(JSON.stringify({ phase: run?.phase.kind, rate: run?.tokensPerSecond, ...point }));
  }, REPORT_INTERVAL);
  const finished = await over;
  clearInterval(report);
  if (finished.phase.kind === 'failed') throw new Error(finished.phase.problem.what);
  const facts = (await engine.sae.list()).find((sae) => sae.runId === finished.runId);
  if (facts === undefined) throw new Error('the run left no SAE');
  return facts;
}

/** The zip that an export of the SAELens files in `folder` would be. */
export async function zipSae(folder: string): Promise<Blob> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of [CONFIG_FILE, WEIGHTS_FILE]) {
    const blob = await openAsBlob(join(folder, name));
    files.set(name, new Uint8Array(await blob.arrayBuffer()));
  }
  return new Blob([zipFiles(files)]);
}

/** Exported files and the demo model, ready to run side by side. */
export async function openSaeWithDemo(zip: Blob) {
  const { params, hookName } = await parseSaeLens(await unzipFiles(zip, 'sae.zip'));
  const threads = defaultThreads();
  const parts = makeNodeParts({ createRuntime: (o) => createModelRuntime({ ...o, threads }) });
  const { device, modelHost, jobs, emit } = makeModelHosts(parts);
  const model = await modelHost.open({ kind: 'demo' });
  const backend = await device.sae();
  return {
    params,
    hook: hookName,
    backend,
    modelHost,
    model,
    encoder: await backend.createEncoder(params),
    runtime: await modelHost.runtime(),
    corpusHost: createCorpusHost({ parts, jobs, emit }),
  };
}

/** On the exported files: what a user would download is what is measured. */
export async function evaluateOnHeldOut(
  zip: Blob,
  tokens = HELD_OUT_TOKENS,
): Promise<ReconstructionMetrics> {
  const opened = await openSaeWithDemo(zip);
  return evaluateReconstruction({
    ...opened,
    corpus: await opened.corpusHost.pack(opened.model.tokenizer, 'heldOut', {
      contextSize: 256,
      seed: 0,
      epoch: 0,
    }),
    tokens,
    readMatrix: opened.backend.readMatrix,
    onProgress: () => Promise.resolve(),
  });
}
