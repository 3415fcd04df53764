// The engine's parts on a machine without a page: Dawn where there is a GPU, elsewhere onnxruntime-node where it is
// installed and ONNX Runtime's wasm backend where not, files of this machine, and storage in memory or in a folder.
import type { EngineParts } from '../engine/parts';
import { openDevice, type DeviceResult } from '../gpu/device/device';
import { createModelRuntime } from '../model/modelRuntime';
import { createMemoryFileStore } from '../storage/fileStore';
import { createMemoryPieceStore } from '../storage/pieceStore';
import type { Storage } from '../storage/storage';
import { createMemoryLocks } from '../storage/tabLocks';
import { createMemoryNews } from '../storage/tabNews';
import { mayHaveCuda, mayHaveGpu, openDawn } from './dawn';
import { defaultThreads, startNodeThread } from './kernelThreads';
import { createFolderFileSource } from './localFiles';
import { prepareOrtOnDawn } from './ortOnDawn';
import { demoFolder } from './packageFolder';

async function openGpu(): Promise<DeviceResult> {
  const gpu = mayHaveGpu() ? await openDawn() : null;
  if (gpu === null) {
    const message = mayHaveGpu()
      ? 'the optional package webgpu is not installed'
      : 'this machine shows no GPU';
    return { ok: false, reason: 'no-webgpu', message };
  }
  prepareOrtOnDawn(gpu);
  return openDevice(gpu);
}

const NO_GPU: DeviceResult = {
  ok: false,
  reason: 'no-webgpu',
  message: 'the processor was chosen',
};

/** usesGpu: asks for one where the machine may have one. threads: of the processor, for the model and for SAEs; default:
 *  `defaultThreads`. */
export function makeNodeParts(o: {
  storage: Storage;
  usesGpu: boolean;
  threads?: number | undefined;
}): EngineParts {
  const threads = o.threads ?? defaultThreads();
  const native = o.usesGpu && mayHaveCuda() ? (['cuda', 'cpu'] as const) : (['cpu'] as const);
  return {
    openDevice: o.usesGpu ? openGpu : () => Promise.resolve(NO_GPU),
    createRuntime: (request) => createModelRuntime({ ...request, threads, native }),
    kernelThreads: { count: threads - 1, start: startNodeThread },
    storage: o.storage,
    locks: createMemoryLocks(),
    news: createMemoryNews()(),
    pieces: createMemoryPieceStore(),
    demo: createFolderFileSource(demoFolder()),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    files: createMemoryFileStore(),
    schedule: (run, milliseconds) => setTimeout(run, milliseconds),
    // Two: the first comes before timers that fell due meanwhile.
    breathe: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    isOneOff: true,
  };
}
