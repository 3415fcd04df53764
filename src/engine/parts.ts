// The parts that an engine is composed of: provided by the page's worker or a Node process.
import type { ThreadSource } from '../cpu/kernelThreads';
import type { DeviceResult } from '../gpu/device/device';
import type { DeviceHandle } from '../core/handles';
import type { Backend, ModelRuntime, ModelRuntimeOptions } from '../model/modelTypes';
import type { FileSource } from '../storage/demoFiles';
import type { PieceStore } from '../storage/pieceStore';
import type { FileStore } from '../storage/fileStore';
import type { Storage } from '../storage/storage';
import type { TabLocks } from '../storage/tabLocks';
import type { TabNews } from '../storage/tabNews';

export type EngineParts = {
  /** opens a fresh GPU device; called again after a loss */
  openDevice: () => Promise<DeviceResult>;
  /** makes a checkpoint run */
  createRuntime: (o: ModelRuntimeOptions) => Promise<ModelRuntime>;
  /** Fetches and compiles what models run on, ahead of one. Absent: that is done with the first */
  warmRuntime?: (backend: Backend, device: DeviceHandle | null) => Promise<void>;
  /** threads for what is computed on the processor; null where memory cannot be shared */
  kernelThreads: ThreadSource | null;
  storage: Storage;
  /** whether a browser keeps nothing of all this, so that memory has to; absent: it keeps it */
  isStorageRefused?: () => Promise<boolean>;
  /** which tab may write a run */
  locks: TabLocks;
  /** what other tabs changed in storage; what this one changes, its storage tells by itself */
  news: Pick<TabNews, 'onNews'>;
  /** large files kept between visits: imported models */
  files: FileStore;
  /** the files that ship with the product, paths as under public/demo/ */
  demo: FileSource;
  /** where downloads are stored until they are deleted */
  pieces: PieceStore;
  /** milliseconds, monotonic */
  now: () => number;
  /** milliseconds since 1970, for dates */
  wallClock: () => number;
  schedule: (run: () => void, milliseconds: number) => unknown;
  /** Lets messages, timers and other jobs run. Called between steps, so it must cost far less than
   *  one: browsers stretch nested zero timers to 4 ms. */
  breathe: () => Promise<void>;
  /** Bytes that activations of runs may take in all, kept for other runs; 0 or absent: none is kept. */
  activationRoom?: () => Promise<number>;
  /** One command and then the end: an opened model is neither made ready to write nor kept for another visit, and a run
   *  shuffles as much text at once as fits, since nobody watches its first steps. */
  isOneOff?: boolean;
};
