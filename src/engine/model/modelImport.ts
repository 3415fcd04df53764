// From files, a kept copy or the demo to an open model: read, checked, identified, fitted to the device. What is
// open is modelHost's.
import bundled from '../demo.json';
import { HOOK_SITES, hookPoint } from '../../core/activations/hookPoint';
import { hashOfId } from '../../core/contentId';
import { ConfigError } from '../../core/errors';
import { visibleText } from '../../core/text/visibleText';
import { choosePrecision, modelNeeds, refusal } from '../../core/model/modelNeeds';
import { possibleSoftcaps, type NanochatCheckpoint } from '../../core/model/nanochat';
import { WEIGHT_PRECISIONS, type WeightPrecision } from '../../core/model/weightPrecision';
import { readNanochatFolder } from '../../formats/model/nanochatFolder';
import { makeTokenizer } from '../../model/tokenizer';
import type { EngineEvent } from '../api';
import type { DeviceHost } from '../deviceHost';
import type { Job } from '../jobs';
import type { EngineParts } from '../parts';
import type { Progress } from '../shared/api';
import type { ModelFacts } from './api';
import type { OpenModel, ReadModel } from './openModel';
import { openRowsModel } from './rowsModel';
import type { LocalModelSource } from './downloadHost';
import { hashModel, identifyModel } from './modelIdentity';
import type { ModelShelf } from './modelShelf';

const DEMO_MODEL_FILES = bundled.modelFiles.map((name) => `nanochat-d4/${name}`);

/** What the user said of a model's soft cap, by the hash of its files. */
const SOFTCAP_PREFIX = 'model-softcap/';

/** Its identity, so that a stored copy of another demo is not used. */
export const DEMO_MODEL_ID = bundled.modelId;

type ImportContext = {
  parts: EngineParts;
  device: DeviceHost;
  shelf: ModelShelf;
  emit: (event: EngineEvent) => void;
  chosen: WeightPrecision | null;
  job: Pick<Job, 'signal' | 'tell'>;
};

export async function importModel(o: ImportContext, source: LocalModelSource): Promise<OpenModel> {
  if (source.kind === 'rows') return openRowsModel(source.files, source.tensor);
  const kept = await keptRows(o, source);
  if (kept !== null) return openRowsModel(kept);
  // It is fetched and compiled while the model is; where that fails, the model's own runtime says so.
  void warm(o).catch(() => undefined);
  const read = await readModel(o, source);
  const fit = await fitModel(o.device, read.checkpoint, o.chosen, o.emit);
  const softcap = await chosenSoftcap(o.parts, read);
  const described = await describe(read, softcap, fit);
  return { tokenizer: makeTokenizer(read.tokenizerFile), rows: null, ...described };
}

async function warm({ parts, device }: ImportContext): Promise<void> {
  if (parts.warmRuntime === undefined) return;
  const { backend } = await device.limits();
  const context = backend === 'webgpu' ? await device.acquire() : null;
  await parts.warmRuntime(backend, context?.handle ?? null);
}

/** null: the source is a model. */
async function keptRows({ shelf, job }: ImportContext, source: LocalModelSource) {
  if (source.kind !== 'kept') return null;
  return shelf.openRows(source.id, (done, total) => {
    job.signal.throwIfAborted();
    job.tell('Checking the rows', done, total, 'bytes');
  });
}

/** The same model with another soft cap; it stays chosen for its files. Throws ConfigError for one that it cannot
 *  have been trained with. */
export async function withSoftcap(
  parts: EngineParts,
  opened: OpenModel,
  softcap: number,
): Promise<OpenModel> {
  const { read, facts } = opened;
  if (read === null) throw new ConfigError(`${facts.name} have no soft cap.`, 'softcap');
  const possible = possibleSoftcaps(read.checkpoint.revision);
  if (!possible.includes(softcap)) {
    const which = possible.length === 0 ? 'its files tell it' : `one of ${possible.join(', ')}`;
    throw new ConfigError(
      `The soft cap of ${facts.name} cannot be chosen so: ${which}.`,
      'softcap',
    );
  }
  const described = await describe(read, softcap, facts);
  await parts.storage.setFacts(SOFTCAP_PREFIX + read.filesHash, softcap);
  return { ...opened, ...described };
}

/** What the user said of files that do not tell; otherwise what they say. */
async function chosenSoftcap({ storage }: EngineParts, read: ReadModel): Promise<number> {
  const { revision } = read.checkpoint;
  const kept = await storage.getFacts(SOFTCAP_PREFIX + read.filesHash);
  const found = possibleSoftcaps(revision).find((softcap) => softcap === kept);
  return found ?? revision.logitSoftcap;
}

async function describe(read: ReadModel, logitSoftcap: number, fit: Fit) {
  const revision = { ...read.checkpoint.revision, logitSoftcap };
  const checkpoint = { ...read.checkpoint, revision };
  const id = `${read.name}~${await hashModel(read.filesHash, revision)}`;
  // Older versions knew what files say, and no choice of the user's.
  const isChosen = logitSoftcap !== read.checkpoint.revision.logitSoftcap;
  const formerId = isChosen ? id : `${read.name}~${read.filesHash}`;
  return { read, checkpoint, facts: describeModel(read, { id, formerId }, checkpoint, fit) };
}

async function readModel(
  o: ImportContext,
  source: Exclude<LocalModelSource, { kind: 'rows' }>,
): Promise<ReadModel> {
  const progress = (phase: string, done: number, total: number | null, unit: Progress['unit']) => {
    o.job.signal.throwIfAborted();
    o.job.tell(phase, done, total, unit);
  };
  const checking = (done: number, total: number) => {
    progress('Checking every weight', done, total, 'bytes');
  };
  const takeKept = async (id: string) => {
    const { tokenizer, filesHash = hashOfId(id), ...kept } = await o.shelf.open(id, checking);
    return { ...kept, id, filesHash, isDemo: id === DEMO_MODEL_ID, tokenizerFile: tokenizer };
  };
  if (source.kind === 'kept') return takeKept(source.id);
  if (source.kind === 'demo' && (await o.shelf.list()).some(({ id }) => id === DEMO_MODEL_ID)) {
    // The attempt dropped the damaged copy, so the download is used instead.
    const kept = await takeKept(DEMO_MODEL_ID).catch(() => null);
    if (kept !== null) return kept;
  }
  const files =
    source.kind === 'files'
      ? source.files
      : await o.parts.demo.fetchFiles(DEMO_MODEL_FILES, (done, total) => {
          progress('Downloading the demo model', done, total, 'bytes');
        });
  const { checkpoint, tokenizer, stage, ...folder } = await readNanochatFolder(files, {
    ...(source.kind === 'files' ? { folder: source.folder, step: source.step } : {}),
    onProgress: (done, total, what) => {
      progress(what, done, total, 'steps');
    },
  });
  // A model that cannot run here is refused before gigabytes are read.
  await fitModel(o.device, checkpoint, o.chosen, o.emit);
  const filesHash = await identifyModel(checkpoint, tokenizer, (done, total) => {
    checking(done, total);
    return o.parts.breathe();
  });
  const isDemo = source.kind === 'demo';
  const name = isDemo ? 'demo' : visibleText(folder.name);
  const id = `${name}~${await hashModel(filesHash, checkpoint.revision)}`;
  return { id, filesHash, name, isDemo, stage, checkpoint, tokenizerFile: tokenizer };
}

export type Fit = Pick<ModelFacts, 'backend' | 'precision' | 'precisionReason'>;

/** Reports what the model needs in each precision and chooses one; throws ConfigError with numbers
 *  and way out if none fits, or the user's choice does not. */
export async function fitModel(
  device: DeviceHost,
  { config, tensors }: NanochatCheckpoint,
  chosen: WeightPrecision | null,
  emit: (event: EngineEvent) => void,
): Promise<Fit> {
  const limits = await device.limits();
  const needs = WEIGHT_PRECISIONS.map((precision) => modelNeeds(config, tensors, precision));
  emit({
    kind: 'needs',
    needs: needs.map((need) => ({ ...need, refusal: refusal(need, limits) })),
  });
  const choice = choosePrecision(needs, limits, chosen);
  if (!choice.ok) throw new ConfigError(choice.reason, 'precision');
  return { backend: limits.backend, precision: choice.precision, precisionReason: choice.reason };
}

function describeModel(
  { id: keptId, name, isDemo, stage }: ReadModel,
  { id, formerId }: Pick<ModelFacts, 'id' | 'formerId'>,
  checkpoint: NanochatCheckpoint,
  { backend, precision, precisionReason }: Fit,
): ModelFacts {
  const { config, revision } = checkpoint;
  return {
    id,
    formerId,
    keptId,
    name,
    isDemo,
    stage,
    backend,
    precision,
    precisionReason,
    revision: revision.name,
    revisionSince: revision.since,
    step: checkpoint.step,
    valBpb: checkpoint.valBpb,
    parameterCount: checkpoint.parameterCount,
    byteLength: checkpoint.byteLength,
    n_layer: config.n_layer,
    n_embd: config.n_embd,
    n_head: config.n_head,
    n_kv_head: config.n_kv_head,
    vocab_size: config.vocab_size,
    sequence_len: config.sequence_len,
    window_pattern: config.window_pattern,
    logitSoftcap: revision.logitSoftcap,
    possibleSoftcaps: [...possibleSoftcaps(revision)],
    hookPoints: Array.from({ length: config.n_layer }, (_, layer) =>
      HOOK_SITES.map((site) => hookPoint(layer, site)),
    ).flat(),
  };
}
