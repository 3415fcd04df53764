// Rows of another tool as they are dropped: one matrix, the list of what its rows stand for, pictures and recordings,
// loose or in a zip. It knows no SAE and no page.
import { mediaType, type RowFacts } from '../../core/activations/rowFacts';
import { FormatError } from '../../core/errors';
import type { DroppedFile } from '../model/nanochatFolder';
import { expandArchives } from './archive';
import { quote } from './byteRange';
import { matricesOf, readRowsFile, type FileMatrix, type FileRows } from './rowsFile';
import { parseRowsList } from './rowsList';
import { formatSafetensors, readSafetensors } from './safetensors';
import { readZipDirectory } from './zip';

export type RowsFolder = FileRows & {
  /** the matrix's file, without its folders */
  file: string;
  /** by row number; rows that no line names are absent */
  listed: ReadonlyMap<number, RowFacts>;
  /** pictures and recordings by the `ref` that names them, with their type */
  media: ReadonlyMap<string, Blob>;
  /** what was read, in a form that reads the same again */
  files: readonly DroppedFile[];
};

const MATRIX = /\.(npy|safetensors)$/i;
const LIST = /\.jsonl$/i;
/** The rows lie in memory as f32, and a copy of the file is kept. */
const MOST_BYTES = 2 ** 30;
/** Tensors of an SAE, whose weights are matrices too. */
const SAE_TENSORS = /^(W_(enc|dec)|b_(enc|dec)|(en|de)coder\.(weight|bias)|threshold)$/;

/** Files of a model or an SAE, which may hold matrices too. */
const NOT_ROWS = /(^|\/)(config\.json|cfg\.json|tokenizer\.\w+|meta_\d+\.json)$|\.pt$/i;

/** Whether a drop means rows, not a model or an SAE in safetensors or a zip. Reads names and headers only; what cannot
 *  be read is none. */
export async function holdsRows(files: readonly DroppedFile[]): Promise<boolean> {
  if (files.some(({ path }) => NOT_ROWS.test(path))) return false;
  for (const { path, blob } of files) {
    if (/\.npy$/i.test(path)) return true;
    const names = await namesIn(path, blob).catch(() => []);
    const isZip = /\.zip$/i.test(path);
    if (isZip && names.some((name) => /\.npy$|(^|\/)rows\.jsonl$/i.test(name))) return true;
    if (!isZip && names.length > 0 && !names.some((name) => SAE_TENSORS.test(name))) return true;
  }
  return false;
}

/** Entries of a zip, matrices of a safetensors file; none of anything else. */
async function namesIn(path: string, blob: Blob): Promise<string[]> {
  if (/\.zip$/i.test(path)) {
    return [...(await readZipDirectory(blob, path, { allowDeflate: true })).keys()];
  }
  if (!/\.safetensors$/i.test(path)) return [];
  return [...(await readSafetensors(blob, path)).tensors.keys()];
}

/** Which matrix to open has to be said where there are several. Reads the header only; what cannot be read has none. */
export async function matricesOfDrop(dropped: readonly DroppedFile[]): Promise<FileMatrix[]> {
  try {
    const matrix = only(await expandArchives(dropped), MATRIX, '.npy or .safetensors');
    return matrix === null ? [] : ((await matricesOf(matrix.path, matrix.blob)) ?? []);
  } catch (cause) {
    // Reading it says the same, where it is shown.
    if (cause instanceof FormatError) return [];
    throw cause;
  }
}

/** tensor: which matrix, where a file has several. Throws FormatError naming the file, the field and what was found beside
 *  what was expected. */
export async function readRowsFolder(
  dropped: readonly DroppedFile[],
  tensor?: string,
): Promise<RowsFolder> {
  const files = await expandArchives(dropped);
  const matrix = only(files, MATRIX, '.npy or .safetensors');
  if (matrix === null) {
    throw new FormatError('The drop has no .npy or .safetensors file: it needs one with the rows.');
  }
  if (matrix.blob.size > MOST_BYTES) {
    throw new FormatError(
      `${matrix.path}: ${matrix.blob.size} bytes; at most ${MOST_BYTES} are opened here. Take a part of the rows, or train from the command line: nanoscope train --activations`,
    );
  }
  const rows = await readRowsFile(matrix, tensor);
  const list = only(files, LIST, '.jsonl');
  const listed =
    list === null
      ? new Map<number, RowFacts>()
      : parseRowsList(await list.blob.text(), list.path, rows.rows);
  const media = mediaOf(files, listed);
  const kept = [...(list === null ? [] : [{ path: 'rows.jsonl', blob: list.blob }])];
  const pictures = Array.from(media, ([path, blob]) => ({ path, blob }));
  const file = baseName(matrix.path);
  return {
    ...rows,
    file,
    listed,
    media,
    files: [
      { path: file, blob: tensor === undefined ? matrix.blob : fileOf(rows) },
      ...kept,
      ...pictures,
    ],
  };
}

/** The chosen matrix alone, so that reading it again asks for no choice. */
function fileOf({ rows, width, data, tensor }: FileRows): Blob {
  return new Blob([formatSafetensors([{ name: tensor ?? 'rows', shape: [rows, width], data }])]);
}

/** null: none. Throws FormatError where there are several. */
function only(files: readonly DroppedFile[], kind: RegExp, what: string): DroppedFile | null {
  const [first = null, ...others] = files.filter(({ path }) => kind.test(path));
  if (first === null || others.length === 0) return first;
  const names = [first, ...others].slice(0, 5).map(({ path }) => quote(path));
  throw new FormatError(
    `The drop has ${others.length + 1} ${what} files (${names.join(', ')}); drop one at a time.`,
  );
}

/** A ref is the path of a file in the drop, or its end: people drop a folder or a zip of one. */
function mediaOf(files: readonly DroppedFile[], listed: ReadonlyMap<number, RowFacts>) {
  const byEnd = new Map<string, Blob>();
  for (const { path, blob } of files) {
    const type = mediaType(path);
    if (type === null) continue;
    const typed = blob.slice(0, blob.size, type);
    const parts = path.split('/');
    // The shortest path wins an end that several have.
    for (let i = 0; i < parts.length; i++) {
      const end = parts.slice(i).join('/');
      if (i === 0 || !byEnd.has(end)) byEnd.set(end, typed);
    }
  }
  const media = new Map<string, Blob>();
  for (const { ref } of listed.values()) {
    const blob = ref === undefined ? undefined : byEnd.get(ref);
    if (ref !== undefined && blob !== undefined) media.set(ref, blob);
  }
  return media;
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path;
}
