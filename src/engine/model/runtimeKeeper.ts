// The runtime of the open model: made when first asked for, made again after a device loss, on the processor where the
// GPU does not come back.
import { DeviceLostError } from '../../core/errors';
import type { ModelRuntime } from '../../model/modelTypes';
import type { EngineEvent } from '../api';
import type { DeviceHost } from '../deviceHost';
import type { Jobs } from '../jobs';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import { startRuntime } from './startRuntime';
import type { Fit } from './modelImport';
import type { OpenModel } from './openModel';

const WARM_UP = { kind: 'runtime', cancelled: 'Starting the model was cancelled.' } as const;

type Hosts = {
  parts: EngineParts;
  device: DeviceHost;
  jobs: Jobs;
  emit: (event: EngineEvent) => void;
};

/** The open model, as its host keeps it. */
export type ModelPlace = {
  /** Throws ConfigError when no model is open. */
  current: () => OpenModel;
  currentOrNull: () => OpenModel | null;
  set: (opened: OpenModel) => void;
  /** How it would run here now. Throws ConfigError where it cannot. */
  fit: (opened: OpenModel) => Promise<Fit>;
};

export type RuntimeKeeper = {
  get: () => Promise<ModelRuntime>;
  drop: () => Promise<void>;
  warmUp: (opened: OpenModel) => Promise<void>;
};

export function createRuntimeKeeper(hosts: Hosts, open: ModelPlace): RuntimeKeeper {
  const { parts, device, jobs, emit } = hosts;
  let runtime: Promise<ModelRuntime> | null = null;

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
    if (fault instanceof DeviceLostError && open.currentOrNull()?.facts.backend === 'webgpu')
      void dropRuntime();
  });

  /** The open model, moved to the processor where the GPU it ran on is gone for good; the page is told why. */
  const moveOffLostGpu = async (): Promise<OpenModel> => {
    const opened = open.current();
    if (opened.facts.backend !== 'webgpu') return opened;
    const facts = await device.facts();
    if (facts.modelBackend === 'webgpu') return opened;
    const fit = await open.fit(opened);
    // Nothing reads the model now, so that nobody is told that it closes.
    if (open.currentOrNull() === opened)
      open.set({ ...opened, facts: { ...opened.facts, ...fit } });
    emit({ kind: 'device', device: facts });
    emit({ kind: 'model', model: open.current().facts });
    emit({ kind: 'notice', text: facts.backendReason });
    return open.current();
  };

  const getRuntime = () => {
    open.current();
    runtime ??= moveOffLostGpu()
      .then(({ checkpoint, facts, rows }) =>
        rows === null ? startRuntime(hosts, checkpoint, facts) : rows.runtime,
      )
      .catch((cause: unknown) => {
        runtime = null;
        throw cause;
      });
    return runtime;
  };

  /** Fetches the runtime, loads the weights and compiles, so that the first Generate starts immediately. */
  const warmUp = async (opened: OpenModel) => {
    if (parts.isOneOff === true || opened.rows !== null) return;
    await jobs.run(WARM_UP, undefined, async ({ tell }) => {
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
  };

  return { get: getRuntime, drop: dropRuntime, warmUp };
}
