// Whose files lie in a drop: SAEs come one to a folder in all forms but OpenAI's, whose SAE is one file.
import type { DroppedFile } from '../model/nanochatFolder';
import {
  baseName,
  isPickle,
  PICKLE_FILE,
  SIDE_FILE,
  SPARSIFY_WEIGHTS_FILE,
  WEIGHTS_FILE,
} from './saeFolder';

/** folder: where its files lie, or its one file; '' for loose ones. */
export type SaeFiles<F> = { folder: string; files: readonly F[] };

/** Dropped, or listed somewhere. */
type Named = Pick<DroppedFile, 'path'>;

const WEIGHTS: readonly string[] = [WEIGHTS_FILE, SPARSIFY_WEIGHTS_FILE, PICKLE_FILE];

/** The files of each SAE, in the order of their paths, with the list of the published folder that they are in. Where there are not several, all files as they are: what is
 *  missing or too much, whoever reads them says. files: archives already expanded. */
export function filesBySae<F extends Named>(files: readonly F[]): SaeFiles<F>[] {
  const folders = new Set(files.filter(isFolderWeight).map(folderOf));
  const single = files.filter((file) => isPickle(baseName(file)) && !isFolderWeight(file));
  if (folders.size + single.length < 2) return [{ folder: '', files }];
  const lists = files.filter(
    (file) => baseName(file) === SIDE_FILE && !folders.has(folderOf(file)),
  );
  return [
    ...[...folders].map((folder) => ({
      folder,
      files: [
        ...files.filter((file) => folderOf(file) === folder && !single.includes(file)),
        ...lists.filter((list) => folder.startsWith(list.path.slice(0, -SIDE_FILE.length))),
      ],
    })),
    ...single.map((file) => ({ folder: file.path, files: [file] })),
  ].sort((a, b) => a.folder.localeCompare(b.folder, 'en', { numeric: true }));
}

function isFolderWeight(file: Named): boolean {
  return WEIGHTS.includes(baseName(file));
}

function folderOf({ path }: Named): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
