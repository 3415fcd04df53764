// What an engine is handed by whoever composes it: a page's worker or a Node process.
import type { DeviceResult } from '../gpu/device';
import type { FileSource } from '../storage/demoFiles';
import type { FileStore } from '../storage/fileStore';
import type { Storage } from '../storage/storage';

export type EngineParts = {
  /** opens a fresh GPU device; called again after a loss */
  openDevice: () => Promise<DeviceResult>;
  storage: Storage;
  /** large files kept between visits: imported models */
  files: FileStore;
  /** the files that ship with the product, paths as under public/demo/ */
  demo: FileSource;
  /** milliseconds, monotonic */
  now: () => number;
  /** the date and time of day, ISO 8601 */
  today: () => string;
  schedule: (run: () => void, milliseconds: number) => unknown;
  /** Gives messages, timers and other jobs a turn. Called between steps, so it must cost far less than
   *  one: browsers stretch nested zero timers to 4 ms. */
  breathe: () => Promise<void>;
};
