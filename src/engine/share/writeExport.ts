// An SAE as the files of another tool, written one after the other to wherever a program keeps files.
import type { Session } from '../session';
import type { ExportRequest } from './api';
import { exportSaeFiles } from './saeExport';

/** Names of the files, in their order. Throws ConfigError where the format needs statistics, or has no room for the
 *  SAE, and what `signal` is aborted with. */
export async function writeExport(
  { hosts }: Session,
  o: {
    request: ExportRequest;
    write: (path: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
    onProgress: (phase: string, done: number, total: number) => void;
    signal?: AbortSignal;
  },
): Promise<string[]> {
  const names: string[] = [];
  const files = exportSaeFiles(hosts, o.request, async (phase, done, total) => {
    o.signal?.throwIfAborted();
    o.onProgress(phase, done, total ?? done);
    await hosts.parts.breathe();
  });
  for await (const { path, bytes } of files) {
    await o.write(path, bytes);
    names.push(path);
  }
  return names;
}
