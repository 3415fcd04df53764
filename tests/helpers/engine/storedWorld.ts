// What a person keeps, small: an SAE with statistics, notes, guesses and an evaluation, a run, a kept model, own
// presets. And what a fresh engine finds of it.
import { makeJobs } from '../../../src/engine/jobs';
import { makeTurns } from '../../../src/engine/turns';
import type { EngineApi } from '../../../src/engine/api';
import { createEvaluationStore } from '../../../src/engine/evaluate/evaluationStore';
import { createDownloadHost } from '../../../src/engine/model/downloadHost';
import { createModelShelf } from '../../../src/engine/model/modelShelf';
import type { EngineParts } from '../../../src/engine/parts';
import { createRecordsHost } from '../../../src/engine/recordsHost';
import { createSaeLibrary } from '../../../src/engine/sae/saeLibrary';
import type { ModelFile } from '../../../src/engine/shared/api';
import { createGuessStore } from '../../../src/engine/statistics/labelHost';
import type { TrainForm } from '../../../src/engine/train/api';
import { zipFiles } from '../../../src/formats/archives/archive';
import type { ConvertedModel } from '../../../src/formats/model/convertedModel';
import { readNanochatFolder } from '../../../src/formats/model/nanochatFolder';
import { formatSaeLens } from '../../../src/formats/sae/saelens';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryPieceStore } from '../../../src/storage/pieceStore';
import { sha256Hex } from '../../../src/storage/storage';
import { createMemoryLocks } from '../../../src/storage/tabLocks';
import { makeSaeParams } from '../cases';
import { evaluationOf } from '../evaluationCase';
import { tinyFolder, tinyStatistics } from '../fuzz/seeds';
import type { Disks } from './mortalParts';
import { startNodeEngine } from './nodeEngine';
import { makeNodeParts } from './nodeParts';

export const CORPUS = { name: 'demo', isDemo: true };
/** Seconds of training on the processor: two saved steps, and random activations. */
export const RUN_FORM: TrainForm = {
  source: 'random',
  hookPoint: 'blocks.0.hook_resid_post',
  expansionFactor: 0.0625,
  k: 2,
  tokens: 64,
  batchSize: 16,
  seed: 3,
};

export function newDisks(): Disks {
  return {
    storage: createMemoryStorage(),
    files: createMemoryFileStore(),
    pieces: createMemoryPieceStore(),
  };
}

/** A tab over these disks: no GPU, no runtime of models, its own locks. */
export function partsOver(disks: Disks): EngineParts {
  return makeNodeParts({
    ...disks,
    locks: createMemoryLocks(),
    openDevice: () => Promise.resolve({ ok: false, reason: 'no-webgpu', message: 'none' }),
    createRuntime: () => Promise.reject(new Error('no model runs here')),
    wallClock: () => Date.UTC(2026, 10, 30),
  });
}

/** An SAE of two latents, as somebody would drop it. */
export function saeZip(seed: number): ModelFile[] {
  const files = formatSaeLens(makeSaeParams({ seed, d_in: 3, d_sae: 2, k: 1 }), {
    hookPoint: 'blocks.0.hook_resid_post',
    modelName: 'm',
    contextSize: 16,
    prependBos: true,
    excludeSpecialTokens: true,
    datasetPath: 'text',
    statistics: null,
    version: '0.1.0',
    tokens: 1000,
    l0: 1,
    deadCount: 0,
    ...({ architecture: 'topk', k: 1 } as const),
    explainedVariance: 0.8,
    fireRates: null,
  });
  return [{ path: 'sae.zip', blob: new Blob([zipFiles(files)]) }];
}

export const noteOf = (latentIndex: number, label: string) => ({
  latentIndex,
  label,
  note: '',
  tags: [],
  isStarred: false,
});
export const guessOf = (text: string) =>
  [0, 1].map((latentIndex) => ({
    latentIndex,
    text,
    score: 0.5,
    fires: 3,
    heldOutFires: 2,
  }));

let folder: Promise<Omit<ConvertedModel, 'id' | 'name'>> | null = null;
export async function modelNamed(name: string): Promise<ConvertedModel> {
  folder ??= (async () => {
    const { model, meta, tokenizer } = tinyFolder();
    const blobOf = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
    const read = await readNanochatFolder([
      { path: 'd2/model_000007.pt', blob: blobOf(model) },
      { path: 'd2/meta_000007.json', blob: blobOf(meta) },
      { path: 'tokenizer.pkl', blob: blobOf(tokenizer) },
    ]);
    const { checkpoint, tokenizer: tokens } = read;
    return { stage: { isChat: false, why: 'A test.' }, checkpoint, tokenizer: tokens };
  })();
  return { ...(await folder), id: `${name}~0123456789ab`, name };
}

export function valueOf<T>(
  outcome: { ok: true; value: T } | { ok: false; problem: { what: string } },
): T {
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return outcome.value;
}

/** Trains to the end in this tab. */
export async function trainWhole(parts: EngineParts): Promise<void> {
  const { engine, waitForRun } = await startNodeEngine(parts);
  const over = waitForRun(({ phase }) => ['done', 'failed'].includes(phase.kind));
  valueOf(await engine.train.start(RUN_FORM));
  const { phase } = await over;
  if (phase.kind === 'failed') throw new Error(phase.problem.what);
}

/** The id of the SAE that is there from the beginning. */
export async function makeWorld(disks: Disks): Promise<string> {
  const parts = partsOver(disks);
  const { engine } = await startNodeEngine(parts);
  const { saeId } = valueOf(await engine.sae.import(saeZip(1)));
  const library = createSaeLibrary(parts, () => undefined);
  await library.setStatistics(saeId, tinyStatistics(), CORPUS);
  valueOf(await engine.statistics.setNote(saeId, noteOf(0, 'dogs')));
  await createGuessStore(parts.storage).write(saeId, guessOf('“dog”'));
  await createEvaluationStore(parts.storage).put(evaluationOf({ saeId, name: 'first' }));
  valueOf(await engine.train.queue(RUN_FORM));
  await createModelShelf(parts).keep(await modelNamed('old'), false);
  await parts.storage.setFacts('page/steer-presets', [{ id: 'p-1', name: 'a', hash: '#v=1' }]);
  return saeId;
}

/** Everything that a fresh tab finds, by name, each as one comparable text. Throws where something listed cannot
 *  be read, where something is listed as unreadable, and where a blob is left that nobody names. */
export async function findAll(disks: Disks): Promise<Map<string, string>> {
  const parts = partsOver(disks);
  const { engine } = await startNodeEngine(parts);
  const found = new Map<string, string>();
  const note = (name: string, value: unknown) => found.set(name, JSON.stringify(value));
  await noteSaes(engine, note);
  for (const row of await engine.evaluate.list()) note(`evaluation ${row.saeId}`, row.evaluation);
  for (const run of await engine.train.list()) {
    const { phase, step, savedStep, config } = run;
    const points = await engine.train.points(run.runId);
    note(run.runId, { phase, step, savedStep, config, points });
  }
  const shelf = createModelShelf(parts);
  for (const model of await shelf.list()) {
    const opened = await shelf.open(model.id, () => undefined);
    note(`model ${model.id}`, { ...model, parameters: opened.checkpoint.parameterCount });
  }
  const downloads = createDownloadHost({ parts, jobs: jobsOf(parts), emit: () => undefined });
  for (const one of await downloads.kept()) note(`download ${one.id}`, one.isWhole);
  note('presets', await parts.storage.getFacts('page/steer-presets'));
  const records = createRecordsHost(parts, () => undefined);
  const unreadable = await records.unreadable();
  if (unreadable.length > 0) throw new Error(`unreadable: ${JSON.stringify(unreadable)}`);
  await records.sweep();
  await expectAllNamed(parts);
  return found;
}

async function noteSaes(engine: EngineApi, note: (name: string, value: unknown) => void) {
  for (const sae of await engine.sae.list()) {
    if (sae.origin === 'demo') continue;
    const { saeId, statisticsTokens } = sae;
    const files = valueOf(await engine.sae.export(saeId));
    note(`SAE ${saeId}`, {
      sae,
      files: await sha256Hex(new Uint8Array(await files.arrayBuffer())),
      rows: statisticsTokens === 0 ? null : valueOf(await engine.statistics.rows(saeId)),
    });
    note(`notes ${saeId}`, valueOf(await engine.statistics.notes(saeId)));
    note(`guesses ${saeId}`, await engine.statistics.labelGuesses(saeId));
  }
}

async function expectAllNamed({ storage, files }: Disks): Promise<void> {
  const facts = await Promise.all((await storage.keys('')).map((key) => storage.getFacts(key)));
  const text = JSON.stringify(facts);
  for (const key of [...(await storage.blobKeys()), ...(await files.list())]) {
    if (!text.includes(JSON.stringify(key))) throw new Error(`nobody names ${key}`);
  }
}

export function jobsOf(parts: EngineParts) {
  return makeJobs({ parts, turns: makeTurns(), emit: () => undefined });
}
