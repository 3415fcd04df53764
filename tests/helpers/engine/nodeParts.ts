// The engine's parts in Node, as a command line would compose them: Dawn for the kernels, ONNX Runtime's
// wasm backend for the model, files from public/demo, storage in memory.
import { join } from 'node:path';
import type { EngineParts } from '../../../src/engine/parts';
import { openDevice, type DeviceResult } from '../../../src/gpu/device/device';
import { createModelRuntime } from '../../../src/model/modelRuntime';
import { createFolderFileSource } from '../../../src/node/localFiles';
import type { FileSource } from '../../../src/storage/demoFiles';
import { createMemoryFileStore } from '../../../src/storage/fileStore';
import { createMemoryStorage } from '../../../src/storage/memoryStorage';
import { createMemoryLocks } from '../../../src/storage/tabLocks';
import { createMemoryNews } from '../../../src/storage/tabNews';
import { createMemoryPieceStore } from '../../../src/storage/pieceStore';
import { openNodeGpu } from '../device/nodeGpu';

export const DEMO_FOLDER = join(import.meta.dirname, '../../../public/demo');

const CORPUS = 'corpus.jsonl';

/** The demo with the first documents of its text only: a finished SAE is measured on all that is held out of it. */
export function createShortDemo(documents = 60): FileSource {
  const whole = createFolderFileSource(DEMO_FOLDER);
  const shorten = async (file: { path: string; blob: Blob }) => {
    if (file.path !== CORPUS) return file;
    const lines = (await file.blob.text()).split('\n').slice(0, documents);
    return { path: file.path, blob: new Blob([`${lines.join('\n')}\n`]) };
  };
  return {
    fetchFiles: async (paths, onBytes) =>
      Promise.all((await whole.fetchFiles(paths, onBytes)).map(shorten)),
  };
}

export async function openNodeDevice(): Promise<DeviceResult> {
  return openDevice((await openNodeGpu()) ?? undefined);
}

export function makeNodeParts(parts: Partial<EngineParts> = {}): EngineParts {
  return {
    openDevice: openNodeDevice,
    createRuntime: createModelRuntime,
    kernelThreads: null,
    storage: createMemoryStorage(),
    locks: createMemoryLocks(),
    news: createMemoryNews()(),
    pieces: createMemoryPieceStore(),
    demo: createFolderFileSource(DEMO_FOLDER),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    // No room: an opened model is converted to be kept for another visit, which takes the processor as long as opening it.
    files: createMemoryFileStore(0),
    // The page hears ten times a second; a test hears at once, and what it does about a token acts on the next.
    schedule: (run) => {
      queueMicrotask(run);
    },
    // Two: the first comes before timers that fell due meanwhile.
    breathe: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    ...parts,
  };
}
