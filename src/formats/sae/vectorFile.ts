// Reads one direction from a file: .json numbers, .npy, or a tensor of a .safetensors file. Knows no model.
import { f16ToF32 } from '../../core/numeric/float16';
import { FormatError } from '../../core/errors';
import { readJson } from '../archives/json';
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
  if (path.endsWith('.npy')) return parseNpy(path, await blob.arrayBuffer());
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

/** NumPy's format 1 to 3: magic, header as a Python literal, values. Little-endian f2, f4 and f8; any shape
 *  with one axis longer than 1. Source: numpy.lib.format. */
function parseNpy(path: string, bytes: ArrayBuffer): Float32Array {
  const view = new DataView(bytes);
  const isNpy =
    bytes.byteLength >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!isNpy) throw new FormatError(`${path}: not a .npy file`);
  const isLong = view.getUint8(6) >= 2;
  const start = isLong ? 12 : 10;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.byteLength) throw new FormatError(`${path}: is cut off`);
  const header = new TextDecoder('latin1').decode(new Uint8Array(bytes, start, length));
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'none';
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '';
  const sizes = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  if (sizes.filter((size) => size !== 1).length > 1) {
    throw new FormatError(`${path}: shape (${shape}); a vector has one axis longer than 1`);
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  const width = { '<f2': 2, '<f4': 4, '<f8': 8 }[dtype];
  if (width === undefined) {
    throw new FormatError(`${path}: values of type ${dtype}; supported are <f2, <f4 and <f8`);
  }
  const data = bytes.slice(start + length);
  if (!(count * width <= data.byteLength)) throw new FormatError(`${path}: is cut off`);
  if (width === 2) return f16ToF32(new Uint16Array(data, 0, count));
  if (width === 4) return new Float32Array(data, 0, count);
  return Float32Array.from(new Float64Array(data, 0, count));
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
