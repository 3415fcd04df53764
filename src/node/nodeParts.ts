// The engine's parts on a machine without a page: Dawn where there is a GPU, ONNX Runtime's wasm backend elsewhere,
// files of this machine, and storage in memory or in a folder.
import type { EngineParts } from '../engine/parts';
import { openDevice, type DeviceResult } from '../gpu/device/device';
import { createModelRuntime } from '../model/modelRuntime';
import { createMemoryFileStore } from '../storage/fileStore';
import { createMemoryPieceStore } from '../storage/pieceStore';
import type { Storage } from '../storage/storage';
import { createMemoryLocks } from '../storage/tabLocks';
import { createMemoryNews } from '../storage/tabNews';
import { mayHaveGpu, openDawn } from './dawn';
import { NODE_THREADS, startNodeThread } from './kernelThreads';
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

/** usesGpu: asks for one where the machine may have one. */
export function makeNodeParts(o: { storage: Storage; usesGpu: boolean }): EngineParts {
  return {
    openDevice: o.usesGpu ? openGpu : () => Promise.resolve(NO_GPU),
    createRuntime: (request) => createModelRuntime({ ...request, threads: NODE_THREADS }),
    kernelThreads: { count: NODE_THREADS - 1, start: startNodeThread },
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
