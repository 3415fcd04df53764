// The engine's parts in a page or worker of somebody's own: its GPU where it has one, and nothing that outlives it. What
// belongs to nanoscope's page, its storage and its tabs, is not touched.
import { browserThreads, makeTurn } from '../engine/browserThreads';
import type { EngineParts } from '../engine/parts';
import type { MachineChoice } from '../engine/session';
import { openDevice, type DeviceResult } from '../gpu/device/device';
import { createModelRuntime } from '../model/modelRuntime';
import { createHttpFileSource } from '../storage/demoFiles';
import { createMemoryFileStore } from '../storage/fileStore';
import { createMemoryStorage } from '../storage/memoryStorage';
import { createMemoryPieceStore } from '../storage/pieceStore';
import { createMemoryLocks } from '../storage/tabLocks';
import { createMemoryNews } from '../storage/tabNews';
import { DEMO_FOLDER } from './demoFolder';

const NO_GPU: DeviceResult = {
  ok: false,
  reason: 'no-webgpu',
  message: 'the processor was chosen',
};

export function makeWebParts({ device = 'auto', threads }: MachineChoice): EngineParts {
  return {
    openDevice: () =>
      device === 'auto' ? openDevice(globalThis.navigator.gpu) : Promise.resolve(NO_GPU),
    createRuntime: (o) => createModelRuntime({ ...o, ...(threads !== undefined && { threads }) }),
    kernelThreads: browserThreads(threads),
    storage: createMemoryStorage(),
    locks: createMemoryLocks(),
    news: createMemoryNews()(),
    pieces: createMemoryPieceStore(),
    files: createMemoryFileStore(),
    demo: createHttpFileSource(DEMO_FOLDER),
    now: () => performance.now(),
    wallClock: () => Date.now(),
    schedule: (run, milliseconds) => setTimeout(run, milliseconds),
    breathe: makeTurn(),
    isOneOff: true,
  };
}
