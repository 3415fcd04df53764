// The demo's transcoders, one a block, trained from shared passes on the processor, kept in f16: what ships is what is
// measured, each alone and all in their MLPs' places at once.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHookPoint } from '../../src/core/activations/hookPoint';
import type { TogetherMetrics } from '../../src/core/evaluate/evaluation';
import { f32ToF16 } from '../../src/core/numeric/float16';
import type { ExampleCounts } from '../../src/core/statistics/exampleChoice';
import type { EngineApi } from '../../src/engine/api';
import type { SaeFacts } from '../../src/engine/sae/api';
import type { TrainForm } from '../../src/engine/train/api';
import { unzipFiles } from '../../src/formats/archives/archive';
import { formatSafetensors, readSafetensors } from '../../src/formats/archives/safetensors';
import { formatSaeStatistics } from '../../src/formats/sae/saeStatistics';
import { startNodeEngine, type ListenedEngine } from '../../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';
import { demoFacts } from './demoFacts';
import { firingLatents } from './firingLatents';
import { guessFigures } from './guessFigures';
import { hashOf, heldOutOf, measureSae, type BakeTokens } from './measureSae';
import { valueOf } from './outcome';
import { guessLines, json, thinned } from './shippedFiles';

/** Four times the width and 16 a token, from which latents that never fire are left out: docs/demo.md says why. */
export const TRANSCODER_RECIPE: TrainForm = {
  architecture: 'transcoder',
  hookPoint: 'blocks.0.ln2.hook_normalized',
  everyLayer: true,
  expansionFactor: 4,
  k: 16,
  tokens: 400_000,
  // The forward passes cost most: smaller batches take more steps from them.
  batchSize: 512,
  seed: 1,
};

/** A latent that fires on none of as many tokens does not ship. */
const LIVE_TOKENS = 20_000;

/** As many examples of a feature as 4 MB hold for all blocks. */
const EXAMPLES: ExampleCounts = { top: 5, random: 0, perGroup: 0 };

type Bake = { out: string; cache: string; form: TrainForm; tokens: BakeTokens };

export async function bakeTranscoders(o: Bake) {
  const parts = processorParts();
  const node = await startNodeEngine(parts);
  const { engine } = node;
  const model = valueOf(await engine.model.open({ kind: 'demo' }));
  const layers = await trainedLayers(node, model.id, o);
  const sizes: Record<string, number> = {};
  const write = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(join(o.out, 'transcoders', name), bytes);
    sizes[name] = Buffer.byteLength(bytes);
  };
  const saes: SaeFacts[] = [];
  for (const { folder, files } of layers) {
    await mkdir(join(o.out, 'transcoders', folder), { recursive: true });
    for (const { path, bytes } of files) await write(`${folder}/${path}`, bytes);
    const blobs = files.map(({ path, bytes }) => ({ path, blob: new Blob([bytes]) }));
    saes.push(valueOf(await engine.sae.import(blobs)));
  }
  const { alone, together } = await evaluateAll(engine, saes, o.tokens.evaluate);
  const facts: SaeFacts[] = [];
  for (const [layer, { folder, files }] of layers.entries()) {
    const made = saes[layer]!;
    const weights = files.find(({ path }) => path === WEIGHTS)!.bytes;
    const heldOut = alone[layer]!;
    const { saeId, d_sae } = made;
    const { statistics, guesses } = await measureSae(engine, parts, {
      saeId,
      d_sae,
      weights,
      heldOut,
      tokens: o.tokens,
      cache: o.cache,
    });
    const shipped = thinned(statistics, [], EXAMPLES);
    await write(`${folder}/statistics.bin`, await formatSaeStatistics(shipped));
    await write(`${folder}/guesses.json`, guessLines(guesses));
    console.error(JSON.stringify({ folder, ...heldOut, ...guessFigures(guesses) }));
    facts.push(
      demoFacts(made, {
        name: `demo-transcoder-${parseHookPoint(made.hookPoint).layer}`,
        weights,
        modelId: model.id,
        heldOut,
        counted: statistics.countedTokens,
      }),
    );
  }
  await write('facts.json', json(facts));
  await write('recipe.json', json({ form: o.form, heldOut: alone, together: together.metrics }));
  return { sizes, alone, together };
}

/** Without a device the kernels of the processor train. */
function processorParts() {
  const openDevice = () =>
    Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'not asked for' } as const);
  return makeNodeParts({ openDevice });
}

const WEIGHTS = 'sae_weights.safetensors';

type Layer = { folder: string; files: { path: string; bytes: Uint8Array<ArrayBuffer> }[] };

/** From the cache, or trained now; in the order of the blocks. */
async function trainedLayers(node: ListenedEngine, modelId: string, o: Bake): Promise<Layer[]> {
  const about = JSON.stringify({ form: o.form, modelId });
  const kept = join(o.cache, `transcoders-${hashOf(Buffer.from(about))}`);
  if (!existsSync(join(kept, 'done'))) {
    await mkdir(kept, { recursive: true });
    const trained = await trainAll(node, o.form);
    for (const { saeId, hookPoint } of trained) {
      const zip = valueOf(await node.engine.sae.export(saeId));
      const path = join(kept, `${parseHookPoint(hookPoint).layer}.zip`);
      await writeFile(path, new Uint8Array(await zip.arrayBuffer()));
    }
    await writeFile(join(kept, 'done'), String(trained.length));
  }
  const count = Number(await readFile(join(kept, 'done'), 'utf8'));
  const zips = await Promise.all(
    Array.from(
      { length: count },
      async (_, layer) => new Blob([Uint8Array.from(await readFile(join(kept, `${layer}.zip`)))]),
    ),
  );
  const live = await firingLatents(zips, LIVE_TOKENS, processorParts());
  return Promise.all(
    zips.map(async (zip, layer) => {
      return { folder: `layer_${layer}`, files: await shrunk(zip, live[layer]!) };
    }),
  );
}

async function trainAll({ engine, waitForRun }: ListenedEngine, form: TrainForm) {
  valueOf(await engine.train.start(form));
  const runs = await engine.train.list();
  for (const { runId } of runs) {
    const { phase } = await waitForRun(
      (run) => run.runId === runId && ['done', 'failed'].includes(run.phase.kind),
    );
    if (phase.kind === 'failed') throw new Error(phase.problem.what);
  }
  return (await engine.sae.list()).filter(({ origin }) => origin === 'trained');
}

/** SAELens' files with these latents only, and weights of two bytes, which any reader of theirs takes. */
async function shrunk(zip: Blob, latents: readonly number[]): Promise<Layer['files']> {
  const files = await unzipFiles(zip, 'sae.zip');
  const text = async (path: string) => files.find((file) => file.path === path)!.blob.text();
  const read = JSON.parse(await text('cfg.json')) as { metadata: object };
  const metadata = { ...read.metadata, num_dead_features: 0 };
  const config = { ...read, d_sae: latents.length, dtype: 'float16', metadata };
  const blob = files.find(({ path }) => path === WEIGHTS)!.blob;
  const { tensors } = await readSafetensors(blob, WEIGHTS);
  const small = await Promise.all(
    [...tensors.values()].map(async ({ name, shape, read: values }) => {
      const taken = takeLatents(name, shape, await values(), latents);
      return { name, shape: taken.shape, data: f32ToF16(taken.data) };
    }),
  );
  return [
    { path: 'cfg.json', bytes: new TextEncoder().encode(json(config)) },
    { path: WEIGHTS, bytes: formatSafetensors(small, new Map([['format', 'pt']])) },
  ];
}

/** W_dec has a row for each latent, W_enc a column, b_enc a value; b_dec knows none. */
function takeLatents(
  name: string,
  shape: readonly number[],
  data: Float32Array,
  latents: readonly number[],
): { shape: readonly number[]; data: Float32Array } {
  const count = latents.length;
  const width = shape.at(-1)!;
  switch (name) {
    case 'b_dec':
      return { shape, data };
    case 'b_enc':
      return { shape: [count], data: Float32Array.from(latents, (at) => data[at]!) };
    case 'W_dec': {
      const taken = latents.flatMap((at) => [...data.subarray(at * width, (at + 1) * width)]);
      return { shape: [count, width], data: Float32Array.from(taken) };
    }
    case 'W_enc': {
      const of = (i: number) => data[Math.floor(i / count) * width + latents[i % count]!]!;
      const length = shape[0]! * count;
      return { shape: [shape[0]!, count], data: Float32Array.from({ length }, (_, i) => of(i)) };
    }
    default:
      throw new Error(`bakeDemo: a transcoder with a tensor ${name}`);
  }
}

async function evaluateAll(engine: EngineApi, saes: readonly SaeFacts[], tokens: number) {
  const ids = saes.map(({ saeId }) => saeId);
  valueOf(await engine.evaluate.run(ids, { tokens, probing: null }));
  const rows = await engine.evaluate.list();
  const measured = ids.map((id) => rows.find(({ saeId }) => saeId === id)!.evaluation!);
  const together: TogetherMetrics | undefined = measured[0]?.together;
  if (together === undefined)
    throw new Error('bakeDemo: the transcoders were not measured together');
  return { alone: measured.map(({ metrics }) => heldOutOf(metrics)), together };
}
