// Owns the open model: import, identity, tokenizer and the runtime on the backend that fits the device.
import { HOOK_SITES, hookPoint } from '../core/hookPoint';
import type { NanochatCheckpoint } from '../core/nanochat';
import { ConfigError, FormatError } from '../core/errors';
import { tellCheckpointStage, type CheckpointStage } from '../formats/checkpointStage';
import { readNanochatFolder } from '../formats/nanochatFolder';
import type { TokenizerFile } from '../formats/tokenizerPickle';
import { createModelRuntime } from '../model/modelRuntime';
import type { ModelRuntime } from '../model/modelTypes';
import { makeTokenizer, type Tokenizer } from '../model/tokenizer';
import { sha256Hex } from '../storage/storage';
import type {
  EngineEvent,
  ModelBackend,
  ModelFacts,
  ModelFile,
  ModelSource,
  Progress,
} from './api';
import type { DeviceHost } from './deviceHost';
import type { EngineParts } from './parts';
import { toProblem } from './problems';

/** Files that are here, or the demo's: an address is downloaded before. */
export type LocalModelSource = Exclude<ModelSource, { kind: 'url' }>;

const DEMO_MODEL_FILES = [
  'nanochat-d4/model_000911.pt',
  'nanochat-d4/meta_000911.json',
  'nanochat-d4/tokenizer.pkl',
] as const;

export type OpenModel = {
  facts: ModelFacts;
  checkpoint: NanochatCheckpoint;
  tokenizer: Tokenizer;
};

export type ModelHost = {
  open: (source: LocalModelSource) => Promise<OpenModel>;
  /** Throws ConfigError when no model is open. */
  current: () => OpenModel;
  currentOrNull: () => OpenModel | null;
  /** Moves the open model, if any, to the backend that the device facts now name. */
  moveToBackend: () => Promise<void>;
  /** The runtime of the current model; made anew after a device loss. */
  runtime: () => Promise<ModelRuntime>;
  /** lm_head rows as f32, read once */
  unembedding: () => Promise<Float32Array>;
};

export function createModelHost(
  parts: EngineParts,
  device: DeviceHost,
  emit: (event: EngineEvent) => void,
): ModelHost {
  let model: OpenModel | null = null;
  let runtime: Promise<ModelRuntime> | null = null;
  let unembedding: Promise<Float32Array> | null = null;

  const current = () => {
    if (model === null) {
      throw new ConfigError('No model is open. Open the demo or drop a nanochat folder.', 'model');
    }
    return model;
  };

  /** Runtimes that we closed ourselves: what fails in them is no news. */
  const dropped = new WeakSet<Promise<ModelRuntime>>();
  const dropRuntime = async () => {
    const old = runtime;
    runtime = null;
    if (old === null) return;
    dropped.add(old);
    await old.then((made) => made.dispose()).catch(() => undefined);
  };
  device.onLost(() => {
    if (model?.facts.backend === 'webgpu') void dropRuntime();
  });

  const startRuntime = async (checkpoint: NanochatCheckpoint, backend: ModelBackend) =>
    createModelRuntime({
      checkpoint,
      backend,
      device: backend === 'webgpu' ? (await device.acquire()).handle : null,
    });
  const getRuntime = () => {
    const { checkpoint, facts } = current();
    runtime ??= startRuntime(checkpoint, facts.backend).catch((cause: unknown) => {
      runtime = null;
      throw cause;
    });
    return runtime;
  };

  /** Fetches the runtime, loads the weights and compiles: the first Generate then starts at once. */
  const warmUp = async (opened: OpenModel) => {
    const progress: Progress = {
      job: 'runtime',
      phase: 'Loading the runtime and compiling',
      done: 0,
      total: null,
      unit: 'steps',
    };
    emit({ kind: 'progress', job: 'runtime', progress });
    const started = getRuntime();
    try {
      const session = await (await started).startDecode({ lanes: 1, edits: [] });
      await session.step(Int32Array.of(opened.tokenizer.specialTokenId('<|bos|>')));
      session.dispose();
    } catch (cause) {
      if (!dropped.has(started)) emit({ kind: 'problem', problem: toProblem(cause) });
    } finally {
      emit({ kind: 'progress', job: 'runtime', progress: null });
    }
  };

  return {
    current,
    currentOrNull: () => model,
    async moveToBackend() {
      const { modelBackend } = await device.facts();
      if (model === null || model.facts.backend === modelBackend) return;
      await dropRuntime();
      const moved = { ...model, facts: { ...model.facts, backend: modelBackend } };
      model = moved;
      emit({ kind: 'model', model: moved.facts });
      void warmUp(moved);
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
    async open(source) {
      try {
        const opened = await importModel(parts, device, source, emit);
        // Only now does the new model replace the old one: a failed import leaves that open.
        await dropRuntime();
        unembedding = null;
        model = opened;
        emit({ kind: 'model', model: opened.facts });
        void warmUp(opened);
        return opened;
      } finally {
        emit({ kind: 'progress', job: 'model', progress: null });
      }
    },
  };
}

export async function readTensor(
  checkpoint: NanochatCheckpoint,
  name: string,
): Promise<Float32Array> {
  const tensor = checkpoint.tensors.get(name);
  if (tensor === undefined) throw new FormatError(`${name}: not in this checkpoint`);
  return tensor.read();
}

async function importModel(
  parts: EngineParts,
  device: DeviceHost,
  source: LocalModelSource,
  emit: (event: EngineEvent) => void,
): Promise<OpenModel> {
  const progress = (phase: string, done: number, total: number | null, unit: Progress['unit']) => {
    emit({ kind: 'progress', job: 'model', progress: { job: 'model', phase, done, total, unit } });
  };
  const files =
    source.kind === 'files'
      ? source.files
      : await parts.demo.fetchFiles(DEMO_MODEL_FILES, (done, total) => {
          progress('Downloading the demo model', done, total, 'bytes');
        });
  const folder = await readNanochatFolder(files, {
    ...(source.kind === 'files' ? { folder: source.folder, step: source.step } : {}),
    onProgress: (done, total, what) => {
      progress(what, done, total, 'steps');
    },
  });
  const { checkpoint } = folder;
  const tokenizer = makeTokenizer(folder.tokenizer);
  const id12 = await identify(parts, checkpoint, folder.tokenizer, (done, total) => {
    progress('Checking every weight', done, total, 'bytes');
  });
  const { modelBackend } = await device.facts();
  const isDemo = source.kind === 'demo';
  const name = isDemo ? 'demo' : folder.name;
  // Other models of the same drop say nothing about this one.
  const own = files.filter(({ path }) => folder.paths.includes(path));
  const stage = await readStage(own, checkpoint.step);
  return {
    checkpoint,
    tokenizer,
    facts: { ...describeModel(`${name}~${id12}`, name, isDemo, checkpoint, modelBackend), stage },
  };
}

function describeModel(
  id: string,
  name: string,
  isDemo: boolean,
  checkpoint: NanochatCheckpoint,
  backend: ModelBackend,
): Omit<ModelFacts, 'stage'> {
  const { config, revision } = checkpoint;
  return {
    id,
    name,
    isDemo,
    backend,
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

/** The step's meta file was read and checked before; here its keys tell of the training. */
async function readStage(
  files: readonly ModelFile[],
  step: number | null,
): Promise<CheckpointStage> {
  const meta = files.find(({ path }) => Number(/meta_(\d+)\.json$/.exec(path)?.[1]) === step);
  const parsed = meta === undefined ? null : (JSON.parse(await meta.blob.text()) as unknown);
  return tellCheckpointStage(
    files.map(({ path }) => path),
    parsed,
  );
}

/** First 12 hex digits of the SHA-256 over configuration, tokenizer and every tensor's values as
 *  little-endian f32 (interface.md 3), so that `.pt` and safetensors of one model agree. Refuses values
 *  that are not finite: no part of a broken checkpoint is kept. */
async function identify(
  parts: EngineParts,
  checkpoint: NanochatCheckpoint,
  tokenizer: TokenizerFile,
  onBytes: (done: number, total: number) => void,
): Promise<string> {
  const tensors: [string, readonly number[], string][] = [];
  let done = 0;
  const total = checkpoint.parameterCount * 4;
  for (const name of [...checkpoint.tensors.keys()].sort()) {
    const tensor = checkpoint.tensors.get(name);
    if (tensor === undefined) continue;
    const values = await tensor.read();
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new FormatError(
        `${name}: element ${bad} is ${values[bad]}; this checkpoint is damaged or its training diverged. Take another step's file`,
      );
    }
    tensors.push([name, tensor.shape, await sha256Hex(bytesOf(values))]);
    done += values.byteLength;
    onBytes(done, total);
    await parts.breathe();
  }
  const tokenizerHash = await hashTokenizer(tokenizer);
  const config = Object.entries(checkpoint.config).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify({ config, tokenizer: tokenizerHash, tensors });
  return (await sha256Hex(new TextEncoder().encode(canonical))).slice(0, 12);
}

function hashTokenizer(file: TokenizerFile): Promise<string> {
  const ranks = [...file.ranks].map(([bytes, rank]) => [Array.from(bytes), rank]);
  const special = [...file.specialTokens].sort(([, a], [, b]) => a - b);
  const canonical = JSON.stringify({ pattern: file.patStr, ranks, special });
  return sha256Hex(new TextEncoder().encode(canonical));
}

function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.slice().buffer);
}
