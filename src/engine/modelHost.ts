// Owns the open model: import, identity, tokenizer and the runtime on the backend that fits the device.
import { HOOK_SITES, hookPoint } from '../core/hookPoint';
import type { NanochatCheckpoint } from '../core/nanochat';
import { ConfigError, FormatError } from '../core/errors';
import { readNanochatFolder } from '../formats/nanochatFolder';
import { createModelRuntime } from '../model/modelRuntime';
import type { ModelRuntime } from '../model/modelTypes';
import { makeTokenizer, type Tokenizer } from '../model/tokenizer';
import type { EngineEvent, ModelBackend, ModelFacts, ModelSource, Progress } from './api';
import type { DeviceHost } from './deviceHost';
import type { EngineParts } from './parts';
import { identifyModel } from './modelIdentity';
import { toProblem } from './problems';

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
  open: (source: ModelSource) => Promise<OpenModel>;
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
  source: ModelSource,
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
    onProgress: (done, total, what) => {
      progress(what, done, total, 'steps');
    },
  });
  const { checkpoint } = folder;
  const tokenizer = makeTokenizer(folder.tokenizer);
  const id12 = await identifyModel(checkpoint, folder.tokenizer, (done, total) => {
    progress('Checking every weight', done, total, 'bytes');
    return parts.breathe();
  });
  const { modelBackend } = await device.facts();
  const isDemo = source.kind === 'demo';
  const name = isDemo ? 'demo' : folder.name;
  return {
    checkpoint,
    tokenizer,
    facts: describeModel(`${name}~${id12}`, name, isDemo, checkpoint, modelBackend),
  };
}

function describeModel(
  id: string,
  name: string,
  isDemo: boolean,
  checkpoint: NanochatCheckpoint,
  backend: ModelBackend,
): ModelFacts {
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
