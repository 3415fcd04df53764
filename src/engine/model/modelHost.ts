// Owns the open model, on the backend and in the precision that fit the device. Opening is modelImport's, its
// runtime runtimeKeeper's; successful imports are stored by modelShelf.
import type { NanochatCheckpoint } from '../../core/model/nanochat';
import type { WeightPrecision } from '../../core/model/weightPrecision';
import { ConfigError, FormatError } from '../../core/errors';
import type { ModelRuntime } from '../../model/modelTypes';
import { StorageFullError } from '../../storage/storage';
import type { EngineEvent } from '../api';
import type { JobId, ModelBackend } from '../shared/api';
import type { ModelSource } from './api';
import type { DeviceHost } from '../deviceHost';
import type { Job, Jobs } from '../jobs';
import type { DownloadHost } from './downloadHost';
import type { ModelShelf } from './modelShelf';
import type { EngineParts } from '../parts';
import type { OpenModel } from './openModel';
import { CancelledError, toProblem } from '../problems';
import { createRuntimeKeeper } from './runtimeKeeper';

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
  /** Throws ConfigError, changing nothing, for a soft cap that the open model cannot have. */
  setSoftcap: (logitSoftcap: number) => Promise<void>;
  /** The runtime of the current model; recreated after a device loss. */
  runtime: () => Promise<ModelRuntime>;
  /** lm_head rows as f32, read once; empty where rows of a file are open */
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
  let unembedding: Promise<Float32Array> | null = null;
  let chosen: WeightPrecision | null = null;
  /** openings that go on, in the order in which they were asked for */
  let opens: Job[] = [];

  const current = () => {
    if (model === null) {
      throw new ConfigError('No model is open. Open the demo or drop a nanochat folder.', 'model');
    }
    return model;
  };

  const place = {
    current,
    currentOrNull: () => model,
    set: (opened: OpenModel) => {
      model = opened;
    },
    async fit({ checkpoint, facts, rows }: OpenModel) {
      if (rows !== null) return facts;
      const { fitModel } = await import('./modelImport');
      return fitModel(device, checkpoint, chosen, emit);
    },
  };
  const runtime = createRuntimeKeeper(hosts, place);

  /** A model that cannot be stored stays open; the page says why. */
  const keep = async (opened: OpenModel) => {
    if (hosts.parts.isOneOff === true) return;
    const { facts } = opened;
    let note: string | null = null;
    try {
      await keepOn(shelf, opened);
    } catch (cause) {
      const why = cause instanceof StorageFullError ? 'its storage is full' : toProblem(cause).what;
      note = `${facts.name} works, but this browser could not store it for the next visit: ${why}.`;
    }
    emit({ kind: 'keptModels', models: await shelf.list(), note });
  };

  /** Nothing of the model before is read any more. */
  const replace = async (opened: OpenModel) => {
    await runtime.drop();
    unembedding = null;
    model = opened;
    emit({ kind: 'model', model: opened.facts });
    for (const listener of opening) listener(opened);
    return { warmedUp: runtime.warmUp(opened) };
  };

  /** Moves the open model, if any, to the backend that the device facts now name and to the precision that
   *  was chosen. Throws ConfigError without changing anything if the machine cannot run it. */
  const refit = async () => {
    if (model === null) return;
    const fit = await place.fit(model);
    const { backend, precision, precisionReason } = model.facts;
    const isSame = backend === fit.backend && precision === fit.precision;
    if (isSame && precisionReason === fit.precisionReason) return;
    const { backend: nextBackend, precision: next, precisionReason: why } = fit;
    const moved = {
      ...model,
      facts: { ...model.facts, backend: nextBackend, precision: next, precisionReason: why },
    };
    if (!isSame) close();
    model = moved;
    if (isSame) {
      emit({ kind: 'model', model: moved.facts });
      return;
    }
    await runtime.drop();
    emit({ kind: 'model', model: moved.facts });
    void runtime.warmUp(moved);
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
    async setSoftcap(logitSoftcap) {
      refuseIfNeeded();
      const opened = current();
      if (opened.facts.logitSoftcap === logitSoftcap) return;
      const { withSoftcap } = await import('./modelImport');
      const moved = await withSoftcap(hosts.parts, opened, logitSoftcap);
      close();
      await replace(moved);
    },
    runtime: runtime.get,
    unembedding() {
      const { checkpoint, rows } = current();
      if (rows !== null) return Promise.resolve(new Float32Array());
      unembedding ??= readTensor(checkpoint, 'lm_head.weight').catch((cause: unknown) => {
        unembedding = null;
        throw cause;
      });
      return unembedding;
    },
    open: (source, jobId) =>
      jobs.run({ kind: 'model', cancelled: cancelledWords(source) }, jobId, async (job) => {
        refuseIfNeeded();
        opens.push(job);
        try {
          const local = source.kind === 'url' ? await hosts.downloads.fetch(source, job) : source;
          // A run may have started during the download.
          refuseIfNeeded();
          close();
          const { importModel } = await import('./modelImport');
          const opened = await importModel({ ...hosts, chosen, job }, local);
          job.signal.throwIfAborted();
          // Only now: where this one cannot be read, what was asked for earlier still opens.
          for (const earlier of opens.slice(0, opens.indexOf(job))) {
            earlier.abort(new CancelledError('Another model was opened meanwhile.'));
          }
          // The new model replaces the old one only now: after a failed import the old one is still open.
          const { warmedUp } = await replace(opened);
          void warmedUp.then(() => keep(opened));
          return opened;
        } finally {
          opens = opens.filter((other) => other !== job);
        }
      }),
  };
}

async function keepOn(shelf: ModelShelf, { read, rows, facts }: OpenModel): Promise<void> {
  if (rows !== null) await shelf.keepRows({ id: facts.id, name: facts.name, files: rows.files });
  if (read === null) return;
  const { tokenizerFile: tokenizer, isDemo, ...model } = read;
  await shelf.keep({ ...model, tokenizer }, isDemo);
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
