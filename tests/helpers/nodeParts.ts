// The engine's parts in Node, as a command line would compose them: Dawn for the kernels, ONNX Runtime's
// wasm backend for the model, files from public/demo, storage in memory.
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import type { EngineParts } from '../../src/engine/parts';
import { openDevice, type DeviceResult } from '../../src/gpu/device/device';
import type { FileSource } from '../../src/storage/demoFiles';
import { createMemoryFileStore } from '../../src/storage/fileStore';
import { createMemoryStorage } from '../../src/storage/memoryStorage';
import { createMemoryLocks } from '../../src/storage/tabLocks';
import { createMemoryPieceStore } from '../../src/storage/pieceStore';
import { openNodeGpu } from './nodeGpu';
import './ortNode';

export const DEMO_FOLDER = join(import.meta.dirname, '../../public/demo');

function createFolderFileSource(folder: string): FileSource {
  return {
    async fetchFiles(paths, onBytes) {
      const files = await Promise.all(
        paths.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })),
      );
      const total = files.reduce((sum, file) => sum + file.blob.size, 0);
      onBytes(total, total);
      return files;
    },
  };
}

export async function openNodeDevice(): Promise<DeviceResult> {
  return openDevice((await openNodeGpu()) ?? undefined);
}

export function makeNodeParts(parts: Partial<EngineParts> = {}): EngineParts {
  return {
    openDevice: openNodeDevice,
    storage: createMemoryStorage(),
    locks: createMemoryLocks(),
    pieces: createMemoryPieceStore(),
    demo: createFolderFileSource(DEMO_FOLDER),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    files: createMemoryFileStore(),
    // The page hears ten times a second; a test hears at once, and what it does about a token acts on the next.
    schedule: (run) => {
      queueMicrotask(run);
    },
    // Two: the first comes before timers that fell due meanwhile.
    breathe: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    ...parts,
  };
}
