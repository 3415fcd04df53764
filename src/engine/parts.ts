// What an engine is handed by whoever composes it: a page's worker or a Node process.
import type { DeviceResult } from '../gpu/device';
import type { FileSource } from '../storage/demoFiles';
import type { Storage } from '../storage/storage';
import type { ModelBackend } from './api';

export type EngineParts = {
  /** opens a fresh GPU device; called again after a loss */
  openDevice: () => Promise<DeviceResult>;
  storage: Storage;
  /** the files that ship with the product, paths as under public/demo/ */
  demo: FileSource;
  /** milliseconds, monotonic */
  now: () => number;
  schedule: (run: () => void, milliseconds: number) => unknown;
  /** overrides the automatic choice */
  modelBackend?: ModelBackend;
};

/** Gives timers, messages and other work a turn. */
export function breathe(parts: EngineParts): Promise<void> {
  return new Promise((resolve) => {
    parts.schedule(resolve, 0);
  });
}
