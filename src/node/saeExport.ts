// An SAE as the files of another tool, written to a folder one after the other.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExportRequest } from '../engine/share/api';
import { exportSaeFiles } from '../engine/share/saeExport';
import type { Session } from './session';

/** Names of the files, in their order. Throws ConfigError where the format needs statistics, or has no room for the
 *  SAE, and what `signal` is aborted with. */
export async function writeExport(
  { hosts }: Session,
  folder: string,
  o: {
    request: ExportRequest;
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
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    names.push(path);
  }
  return names;
}
