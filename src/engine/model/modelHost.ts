// Owns the open model: import, identity, tokenizer, and the runtime on the backend and in the precision that
// fit the device. Successful imports are stored by modelShelf.
import { visibleText } from '../../core/text/visibleText';
import { HOOK_SITES, hookPoint } from '../../core/activations/hookPoint';
import { choosePrecision, modelNeeds, refusal } from '../../core/model/modelNeeds';
import type { NanochatCheckpoint } from '../../core/model/nanochat';
import { WEIGHT_PRECISIONS, type WeightPrecision } from '../../core/model/weightPrecision';
import { ConfigError, DeviceLostError, FormatError } from '../../core/errors';
import { readJson } from '../../formats/archives/json';
import { tellCheckpointStage, type CheckpointStage } from '../../formats/model/checkpointStage';
import { readNanochatFolder } from '../../formats/model/nanochatFolder';
import type { ModelRuntime } from '../../model/modelTypes';
import { makeTokenizer, type Tokenizer } from '../../model/tokenizer';
import type { TokenizerFile } from '../../formats/model/tokenizerPickle';
import { StorageFullError } from '../../storage/storage';
import type { EngineEvent } from '../api';
import type { JobId, ModelBackend, ModelFile, Progress } from '../shared/api';
import type { ModelFacts, ModelSource } from './api';
import type { DeviceHost } from '../deviceHost';
import type { Job, Jobs } from '../jobs';
import type { DownloadHost, LocalModelSource } from './downloadHost';
import type { ModelShelf } from './modelShelf';
import type { EngineParts } from '../parts';
import { identifyModel } from './modelIdentity';
import { toProblem } from '../problems';

const WARM_UP = { kind: 'runtime', cancelled: 'Starting the model was cancelled.' } as const;

/** Bytes of weights above which only one plan is kept. */
const LARGE = 256_000_000;

const DEMO_MODEL_FILES = [
  'nanochat-d4/model_000911.pt',
  'nanochat-d4/meta_000911.json',
  'nanochat-d4/tokenizer.pkl',
] as const;

/** Its identity, so that a stored copy of another demo is not used. */
export const DEMO_MODEL_ID = 'demo~0eb3245c7e2c';

export type OpenModel = {
  facts: ModelFacts;
  checkpoint: NanochatCheckpoint;
  tokenizer: Tokenizer;
  /** as it was read, for storing */
  tokenizerFile: TokenizerFile;
};

export type ModelHost = {
  open: (source: ModelSource, jobId?: JobId) => Promise<OpenModel>;
  /** Asked before the open model becomes another or runs elsewhere; throws to refuse. */
  guard: (check: () => void) => void;
  /** Told before the open model becomes another or runs elsewhere: whatever reads it ends. */
  onClosing: (listener: () => void) => void;
  /** Told when another model is open. */
  onOpened: (listener: (opened: OpenModel) => void) => void;
  /** Throws what a guard does. */
  refuseIfNeeded: () => void;
  /** Throws ConfigError when no model is open. */
  current: () => OpenModel;
  currentOrNull: () => OpenModel | null;
  /** Where models run; null chooses by the device. Throws, changing nothing, where the open model cannot. */
  setBackend: (backend: ModelBackend | null) => Promise<void>;
  /** How weights are kept; null chooses by the machine. Throws ConfigError, changing nothing, where the
   *  open model cannot be kept so. */
  setPrecision: (precision: WeightPrecision | null) => Promise<void>;
  /** The runtime of the current model; recreated after a device loss. */
  runtime: () => Promise<ModelRuntime>;
  /** lm_head rows as f32, read once */
  unembedding: () => Promise<Float32Array>;
};

type Hosts = {
  parts: EngineParts;
  device: DeviceHost;
  shelf: ModelShelf;
  downloads: Pick<DownloadHost, 'fetch'>;
  jobs: Jobs;
  emit: (event: EngineEvent) => void;
};

export function createModelHost(hosts: Hosts): ModelHost {
  const { device, shelf, jobs, emit } = hosts;
  const guards: (() => void)[] = [];
  const closing: (() => void)[] = [];
  const opening: ((opened: OpenModel) => void)[] = [];
  const refuseIfNeeded = () => {
    for (const check of guards) check();
  };
  const close = () => {
    for (const listener of closing) listener();
  };
  let model: OpenModel | null = null;
  let runtime: Promise<ModelRuntime> | null = null;
  let unembedding: Promise<Float32Array> | null = null;
  let chosen: WeightPrecision | null = null;

  const current = () => {
    if (model === null) {
      throw new ConfigError('No model is open. Open the demo or drop a nanochat folder.', 'model');
    }
    return model;
  };

  /** Runtimes that we closed ourselves: their errors are not reported. */
  const dropped = new WeakSet<Promise<ModelRuntime>>();
  const dropRuntime = async () => {
    const old = runtime;
    runtime = null;
    if (old === null) return;
    dropped.add(old);
    await old.then((made) => made.dispose()).catch(() => undefined);
  };
  device.onFault((fault) => {
    if (fault instanceof DeviceLostError && model?.facts.backend === 'webgpu') void dropRuntime();
  });

  /** The open model, moved to the processor where the GPU it ran on is gone for good; the page is told why. */
  const moveOffLostGpu = async (): Promise<OpenModel> => {
    const opened = current();
    if (opened.facts.backend !== 'webgpu') return opened;
    const facts = await device.facts();
    if (facts.modelBackend === 'webgpu') return opened;
    const fit = await fitModel(device, opened.checkpoint, chosen, emit);
    // Nothing reads the model now, so that nobody is told that it closes.
    if (model === opened) model = { ...opened, facts: { ...opened.facts, ...fit } };
    emit({ kind: 'device', device: facts });
    emit({ kind: 'model', model: current().facts });
    emit({ kind: 'notice', text: facts.backendReason });
    return current();
  };

  const startRuntime = async ({ checkpoint, facts: { backend, precision } }: OpenModel) => {
    const context = backend === 'webgpu' ? await device.acquire() : null;
    return hosts.parts.createRuntime({
      checkpoint,
      backend,
      device: context?.handle ?? null,
      ...(context !== null && { isDeviceUsable: context.isUsable }),
      weightPrecision: precision,
      // Each plan has its own weights, so for a large model only one is kept.
      maxPlans:
        modelNeeds(checkpoint.config, checkpoint.tensors, precision).weights > LARGE ? 1 : 3,
    });
  };
  const getRuntime = () => {
    current();
    runtime ??= moveOffLostGpu()
      .then(startRuntime)
      .catch((cause: unknown) => {
        runtime = null;
        throw cause;
      });
    return runtime;
  };

  /** Fetches the runtime, loads the weights and compiles, so that the first Generate starts immediately. */
  const warmUp = (opened: OpenModel) =>
    jobs.run(WARM_UP, undefined, async ({ tell }) => {
      tell('Loading the runtime and compiling', 0, null, 'steps');
      const started = getRuntime();
      try {
        const session = await (await started).startDecode({ lanes: 1, edits: [] });
        await session.step(Int32Array.of(opened.tokenizer.specialTokenId('<|bos|>')));
        session.dispose();
      } catch (cause) {
        if (!dropped.has(started)) emit({ kind: 'problem', problem: toProblem(cause) });
      }
    });

  /** A model that cannot be stored stays open; the page says why. */
  const keep = async (opened: OpenModel) => {
    const { checkpoint, tokenizerFile: tokenizer, facts } = opened;
    let note: string | null = null;
    try {
      const { id, name, stage, isDemo } = facts;
      await shelf.keep({ id, name, stage, checkpoint, tokenizer }, isDemo);
    } catch (cause) {
      const why = cause instanceof StorageFullError ? 'its storage is full' : toProblem(cause).what;
      note = `${facts.name} works, but this browser could not store it for the next visit: ${why}.`;
    }
    emit({ kind: 'keptModels', models: await shelf.list(), note });
  };

  /** Moves the open model, if any, to the backend that the device facts now name and to the precision that
   *  was chosen. Throws ConfigError without changing anything if the machine cannot run it. */
  const refit = async () => {
    if (model === null) return;
    const fit = await fitModel(device, model.checkpoint, chosen, emit);
    const { backend, precision, precisionReason } = model.facts;
    const isSame = backend === fit.backend && precision === fit.precision;
    if (isSame && precisionReason === fit.precisionReason) return;
    const moved = { ...model, facts: { ...model.facts, ...fit } };
    if (!isSame) close();
    model = moved;
    if (isSame) {
      emit({ kind: 'model', model: moved.facts });
      return;
    }
    await dropRuntime();
    emit({ kind: 'model', model: moved.facts });
    void warmUp(moved);
  };

  return {
    current,
    currentOrNull: () => model,
    guard: (check) => void guards.push(check),
    onClosing: (listener) => void closing.push(listener),
    onOpened: (listener) => void opening.push(listener),
    refuseIfNeeded,
    async setBackend(backend) {
      refuseIfNeeded();
      if (backend === 'webgpu') await device.acquire();
      const before = device.chooseBackend(backend);
      try {
        await refit();
      } catch (cause) {
        device.chooseBackend(before);
        throw cause;
      } finally {
        emit({ kind: 'device', device: await device.facts() });
      }
    },
    async setPrecision(precision) {
      refuseIfNeeded();
      const before = chosen;
      chosen = precision;
      try {
        await refit();
      } catch (cause) {
        chosen = before;
        throw cause;
      }
    },
    runtime: getRuntime,
    unembedding() {
      const { checkpoint } = current();
      unembedding ??= readTensor(checkpoint, 'lm_head.weight').catch((cause: unknown) => {
        unembedding = null;
        throw cause;
      });
      return unembedding;
    },
    open: (source, jobId) =>
      jobs.run({ kind: 'model', cancelled: cancelledWords(source) }, jobId, async (job) => {
        refuseIfNeeded();
        const local = source.kind === 'url' ? await hosts.downloads.fetch(source, job) : source;
        // A run may have started during the download.
        refuseIfNeeded();
        close();
        const opened = await importModel({ ...hosts, chosen, job }, local);
        job.signal.throwIfAborted();
        // The new model replaces the old one only now: after a failed import the old one is still open.
        await dropRuntime();
        unembedding = null;
        model = opened;
        emit({ kind: 'model', model: opened.facts });
        for (const listener of opening) listener(opened);
        void warmUp(opened).then(() => keep(opened));
        return opened;
      }),
  };
}

function cancelledWords(source: ModelSource): string {
  return source.kind === 'url'
    ? 'The download was cancelled. What arrived is kept.'
    : 'Opening the model was cancelled. The one before is still open.';
}

export async function readTensor(
  checkpoint: NanochatCheckpoint,
  name: string,
): Promise<Float32Array> {
  const tensor = checkpoint.tensors.get(name);
  if (tensor === undefined) throw new FormatError(`${name}: not in this checkpoint`);
  return tensor.read();
}

type ImportContext = Pick<Hosts, 'parts' | 'device' | 'shelf' | 'emit'> & {
  chosen: WeightPrecision | null;
  job: Pick<Job, 'signal' | 'tell'>;
};

type ReadModel = Pick<ModelFacts, 'id' | 'name' | 'isDemo' | 'stage'> &
  Pick<OpenModel, 'checkpoint' | 'tokenizerFile'>;

async function importModel(o: ImportContext, source: LocalModelSource): Promise<OpenModel> {
  const read = await readModel(o, source);
  const { checkpoint, tokenizerFile } = read;
  const fit = await fitModel(o.device, checkpoint, o.chosen, o.emit);
  return {
    checkpoint,
    tokenizerFile,
    tokenizer: makeTokenizer(tokenizerFile),
    facts: describeModel(read, checkpoint, fit),
  };
}

async function readModel(o: ImportContext, source: LocalModelSource): Promise<ReadModel> {
  const progress = (phase: string, done: number, total: number | null, unit: Progress['unit']) => {
    o.job.signal.throwIfAborted();
    o.job.tell(phase, done, total, unit);
  };
  const checking = (done: number, total: number) => {
    progress('Checking every weight', done, total, 'bytes');
  };
  const takeKept = async (id: string) => {
    const { tokenizer, ...kept } = await o.shelf.open(id, checking);
    return { ...kept, isDemo: id === DEMO_MODEL_ID, tokenizerFile: tokenizer };
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
  const { checkpoint, tokenizer, ...folder } = await readNanochatFolder(files, {
    ...(source.kind === 'files' ? { folder: source.folder, step: source.step } : {}),
    onProgress: (done, total, what) => {
      progress(what, done, total, 'steps');
    },
  });
  // A model that cannot run here is refused before gigabytes are read.
  await fitModel(o.device, checkpoint, o.chosen, o.emit);
  const id12 = await identifyModel(checkpoint, tokenizer, (done, total) => {
    checking(done, total);
    return o.parts.breathe();
  });
  const isDemo = source.kind === 'demo';
  const name = isDemo ? 'demo' : visibleText(folder.name);
  // Other models of the same drop are no evidence about this one.
  const own = files.filter(({ path }) => folder.paths.includes(path));
  const stage = await readStage(own, checkpoint.step);
  return { id: `${name}~${id12}`, name, isDemo, stage, checkpoint, tokenizerFile: tokenizer };
}

type Fit = Pick<ModelFacts, 'backend' | 'precision' | 'precisionReason'>;

/** Reports what the model needs in each precision and chooses one; throws ConfigError with numbers
 *  and way out if none fits, or the user's choice does not. */
async function fitModel(
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
  { id, name, isDemo, stage }: Pick<ModelFacts, 'id' | 'name' | 'isDemo' | 'stage'>,
  checkpoint: NanochatCheckpoint,
  fit: Fit,
): ModelFacts {
  const { config, revision } = checkpoint;
  return {
    id,
    name,
    isDemo,
    stage,
    ...fit,
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
    hookPoints: Array.from({ length: config.n_layer }, (_, layer) =>
      HOOK_SITES.map((site) => hookPoint(layer, site)),
    ).flat(),
  };
}

/** The step's meta file was read and checked before; here its keys show how it was trained. */
async function readStage(
  files: readonly ModelFile[],
  step: number | null,
): Promise<CheckpointStage> {
  const meta = files.find(({ path }) => Number(/meta_(\d+)\.json$/.exec(path)?.[1]) === step);
  const parsed = meta === undefined ? null : readJson(await meta.blob.text(), meta.path);
  return tellCheckpointStage(
    files.map(({ path }) => path),
    parsed,
  );
}
