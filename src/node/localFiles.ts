// Files of this machine as the engine takes dropped ones: named blobs, of which nothing is read until it is asked for.
import { existsSync, openAsBlob, statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ConfigError } from '../core/errors';
import type { ModelFile } from '../engine/shared/api';
import type { FileSource } from '../storage/demoFiles';

/** Folders of a dropped tree that are looked into, and files that are listed: more is a mistyped path. */
const MAX_DEPTH = 6;
const MAX_FILES = 20_000;
/** A folder with this file is an SAE's: its weights are no model's. */
const SAE_CONFIG = 'cfg.json';

/** Throws ConfigError where there is none. */
export async function localFile(path: string): Promise<ModelFile> {
  if (!existsSync(path)) throw new ConfigError(`no such file: ${path}`, 'path');
  return { path: basename(path), blob: await openAsBlob(path) };
}

/** null: the folder has no file of that name. */
export async function readIn(
  folder: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const path = join(folder, name);
  return existsSync(path) ? Uint8Array.from(await readFile(path)) : null;
}

/** Writes a file below a folder; folders that are missing are made. */
export async function writeIn(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const whole = join(folder, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, bytes);
}

/** Every file below a folder, paths beginning with the folder's own name; hidden ones, `node_modules` and SAEs left
 *  out unless wanted. Throws ConfigError where there are too many. */
export async function folderFiles(
  folder: string,
  o: { withSaes?: boolean } = {},
): Promise<ModelFile[]> {
  const paths = await listFiles(folder, { depth: MAX_DEPTH, withSaes: o.withSaes === true });
  if (paths.length > MAX_FILES) {
    throw new ConfigError(
      `${folder}: ${paths.length} files; at most ${MAX_FILES} are looked at. Give the folder of the ${o.withSaes === true ? 'SAEs' : 'checkpoint'} itself.`,
      'checkpoint',
    );
  }
  const above = dirname(folder);
  return Promise.all(
    paths.map(async (path) => ({
      path: relative(above, path).split(sep).join('/'),
      blob: await openAsBlob(path),
    })),
  );
}

async function listFiles(
  folder: string,
  { depth, withSaes }: { depth: number; withSaes: boolean },
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (!withSaes && entries.some(({ name }) => name === SAE_CONFIG)) return [];
  const found: string[] = [];
  for (const { name } of entries) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name);
    // Followed: checkpoints are often links to another disk.
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() === true) found.push(path);
    else if (stat?.isDirectory() === true && depth > 0)
      found.push(...(await listFiles(path, { depth: depth - 1, withSaes })));
  }
  return found;
}

/** Files of a folder as the page fetches those that ship with it. */
export function createFolderFileSource(folder: string): FileSource {
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

/** The nearest file of one of these names beside or above a folder. */
export function findAbove(folder: string, names: readonly string[], levels: number): string | null {
  for (let at = folder, i = 0; i <= levels; at = dirname(at), i++) {
    const found = names.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return null;
}
