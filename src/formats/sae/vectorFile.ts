// Reads one direction from a file: .json numbers, .npy, or a tensor of a .safetensors file. Knows no model.
import { FormatError } from '../../core/errors';
import { readJson } from '../archives/json';
import { parseNpy } from '../archives/npy';
import { readSafetensors } from '../archives/safetensors';

/** Wider than any residual stream. */
const MAX_VALUES = 65_536;

/** 1 to 65,536 finite values. Throws FormatError saying what was found and what is accepted.
 *  @param tensor which one, where a .safetensors file has several */
export async function readVectorFile(
  file: { path: string; blob: Blob },
  tensor?: string,
): Promise<Float32Array> {
  const values = await readValues(file, tensor);
  if (values.length === 0 || values.length > MAX_VALUES) {
    throw new FormatError(
      `${file.path}: ${values.length} values; a vector has 1 to ${MAX_VALUES} of them`,
    );
  }
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw new FormatError(`${file.path}: value ${odd} is not a finite number`);
  return values;
}

async function readValues(
  { path, blob }: { path: string; blob: Blob },
  tensor?: string,
): Promise<Float32Array> {
  if (path.endsWith('.json')) return parseJsonVector(path, await blob.text());
  if (path.endsWith('.npy')) return vectorOfNpy(path, await blob.arrayBuffer());
  if (path.endsWith('.safetensors')) return readTensor(path, blob, tensor);
  throw new FormatError(`${path}: a vector is read from .json, .npy or .safetensors`);
}

/** [1, 2, …], or that under "vector" or "values". */
function parseJsonVector(path: string, text: string): Float32Array {
  const parsed = readJson(text, path);
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  const fields = isObject ? (parsed as Record<string, unknown>) : {};
  const list = isObject ? (fields['vector'] ?? fields['values']) : parsed;
  if (!Array.isArray(list) || !list.every((value) => typeof value === 'number')) {
    throw new FormatError(`${path}: expected a list of numbers, or one under "vector" or "values"`);
  }
  return Float32Array.from(list);
}

function vectorOfNpy(path: string, bytes: ArrayBuffer): Float32Array {
  const { shape, data } = parseNpy(path, bytes);
  if (shape.filter((size) => size !== 1).length > 1) {
    throw new FormatError(
      `${path}: shape (${shape.join(', ')}); a vector has one axis longer than 1`,
    );
  }
  return data;
}

async function readTensor(path: string, blob: Blob, tensor?: string): Promise<Float32Array> {
  const { tensors } = await readSafetensors(blob, path);
  const names = [...tensors.keys()];
  const name = tensor ?? (names.length === 1 ? names[0] : undefined);
  const source = name === undefined ? undefined : tensors.get(name);
  if (source === undefined) {
    const shown = names.slice(0, 20).join(', ');
    throw new FormatError(`${path}: name one of its tensors: ${shown}`);
  }
  const size = source.shape.reduce((product, length) => product * length, 1);
  if (source.shape.filter((length) => length !== 1).length > 1 || size > MAX_VALUES) {
    throw new FormatError(
      `${path}: ${source.name} is [${source.shape.join(', ')}]; a vector has one axis longer than 1`,
    );
  }
  return source.read();
}
