// Rows of numbers from a file of any tool: one matrix of a .npy or .safetensors file.
import { FormatError } from '../../core/errors';
import { quote } from './byteRange';
import { parseNpy } from './npy';
import { readSafetensors } from './safetensors';

/** [rows, width], row-major; tensor: its name, null in a .npy */
export type FileRows = { rows: number; width: number; data: Float32Array; tensor: string | null };

/** A matrix of a file, by its name; none in a .npy. */
export type FileMatrix = { tensor: string; rows: number; width: number };

/** The matrices of a .safetensors file, in its order; null: a file of another kind, which is one matrix. Reads the header
 *  only. */
export async function matricesOf(path: string, blob: Blob): Promise<FileMatrix[] | null> {
  if (!path.endsWith('.safetensors')) return null;
  const { tensors } = await readSafetensors(blob, path);
  return Array.from(tensors.values(), ({ name, shape }) => {
    const [rows = 0, width = 0] = shape;
    return shape.length === 2 ? [{ tensor: name, rows, width }] : [];
  }).flat();
}

/** A matrix of f16, bf16, f32 (safetensors), or f2, f4, f8 (npy). tensor: which one, where a .safetensors file has
 *  several matrices. Throws FormatError saying what was found: another shape, no rows, a value that is not finite. */
export async function readRowsFile(
  { path, blob }: { path: string; blob: Blob },
  tensor?: string,
): Promise<FileRows> {
  const { name, shape, data, ...found } = await readMatrix(path, blob, tensor);
  const [rows = 0, width = 0] = shape;
  if (shape.length !== 2 || rows < 1 || width < 1) {
    throw new FormatError(`${path}: ${name} is [${shape.join(', ')}]; expected [rows, width]`);
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FormatError(
      `${path}: ${name} has the value ${data[bad]!} in row ${Math.floor(bad / width)}, column ${bad % width}`,
    );
  }
  return { rows, width, data, ...found };
}

async function readMatrix(path: string, blob: Blob, tensor?: string) {
  if (path.endsWith('.npy')) {
    return { name: 'it', tensor: null, ...parseNpy(path, await blob.arrayBuffer()) };
  }
  if (!path.endsWith('.safetensors')) {
    throw new FormatError(`${path}: rows are read from .npy or .safetensors`);
  }
  const { tensors } = await readSafetensors(blob, path);
  const all = [...tensors.keys()];
  const matrices = all.filter((name) => tensors.get(name)?.shape.length === 2);
  // Of a file without a matrix the one thing in it is named with its shape.
  const names = matrices.length === 0 ? all : matrices;
  const name = tensor ?? (names.length === 1 ? names[0] : undefined);
  const source = name === undefined ? undefined : tensors.get(name);
  if (source === undefined) {
    const found = names.slice(0, 20).map(quote).join(', ');
    throw new FormatError(
      tensor === undefined
        ? `${path}: has ${matrices.length === 0 ? 'no matrix: ' : `${names.length} matrices; name one of `}${found}`
        : `${path}: has no tensor ${quote(tensor)}; it has ${found}`,
    );
  }
  const { name: found, shape } = source;
  return { name: quote(found), tensor: found, shape, data: await source.read() };
}
