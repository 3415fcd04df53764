// A torch.save file as named tensors, each a byte range that is read on demand (interop.md §3).
// It knows neither what model the tensors form nor whether their values are finite.
import { FormatError } from '../../core/errors';
import type { TensorSource } from '../../core/model/nanochat';
import { checkPart, DTYPE_BYTES, quote, readRange, widenToF32 } from '../archives/byteRange';
import { parseTorchPickle } from './torchPickle';
import type { TorchState, TorchTensor } from './torchPickle';
import { readZipDirectory } from '../archives/zip';
import type { ZipEntry } from '../archives/zip';

/** Bytes of all tensors together, per byte of the file: tied weights share a storage, but a small file
 *  must not expand to a large model. */
const MAX_SHARING = 8;
const MAX_PICKLE_BYTES = 16 * 1024 * 1024;
/** What torch.compile and DistributedDataParallel put in front of every name, in either order. */
const WRAPPERS = /^(?:_orig_mod\.|module\.)+/;

/** Tensors by name, the prefixes `_orig_mod.` and `module.` stripped. Reads the zip directory and
 *  data.pkl only; each read slices its own bytes. Throws FormatError for a file that is broken, hostile
 *  or from before PyTorch 1.6. */
export async function readTorchCheckpoint(
  blob: Blob,
  fileName: string,
): Promise<Map<string, TensorSource>> {
  return (await readTorchState(blob, fileName)).tensors;
}

/** The same, with what is no tensor if `othersToo` (torchPickle.ts). */
export async function readTorchState(
  blob: Blob,
  fileName: string,
  o: { othersToo?: boolean } = {},
): Promise<{ tensors: Map<string, TensorSource>; others: TorchState['others'] }> {
  const entries = await readZipDirectory(blob, fileName);
  const root = findRoot(entries, fileName);
  await checkByteOrder(blob, entries.get(`${root}byteorder`), fileName);
  const pickle = entries.get(`${root}data.pkl`)!;
  if (pickle.size > MAX_PICKLE_BYTES) {
    throw new FormatError(
      `${fileName}: data.pkl has ${pickle.size} bytes; at most ${MAX_PICKLE_BYTES} are read, and a state dict needs far fewer`,
    );
  }
  const bytes = await readRange(blob, pickle.start, pickle.end, fileName);
  const sources = new Map<string, TensorSource>();
  const { tensors, others } = parseTorchPickle(bytes, fileName, o);
  for (const [saved, tensor] of tensors) {
    const name = saved.replace(WRAPPERS, '');
    if (sources.has(name)) {
      throw new FormatError(
        `${fileName}: the tensor ${quote(name)} appears twice, with and without a prefix such as _orig_mod. or module.`,
      );
    }
    const entry = storageEntry(entries, root, tensor, name, fileName);
    sources.set(name, tensorSource(blob, entry, tensor, name, fileName));
  }
  checkSharing(sources, blob.size, fileName);
  return { tensors: sources, others };
}

function checkSharing(
  sources: ReadonlyMap<string, TensorSource>,
  fileBytes: number,
  fileName: string,
): void {
  let bytes = 0;
  for (const { shape, dtype } of sources.values()) {
    bytes += shape.reduce((product, n) => product * n, DTYPE_BYTES[dtype]);
  }
  if (bytes <= MAX_SHARING * fileBytes) return;
  throw new FormatError(
    `${fileName}: its tensors take ${bytes} bytes out of a file of ${fileBytes}; they share storages more than ${MAX_SHARING} times over, save them with .clone()`,
  );
}

/** The one folder, of any name, that holds data.pkl; with the slash. */
function findRoot(entries: ReadonlyMap<string, ZipEntry>, fileName: string): string {
  const pickles = [...entries.keys()].filter((path) => /^[^/]+\/data\.pkl$/.test(path));
  const [path] = pickles;
  if (entries.has('cfg.json') || [...entries.keys()].some((name) => name.endsWith('/cfg.json'))) {
    throw new FormatError(
      `${fileName}: a zip with a cfg.json is an SAE, not a model; open it under Explore`,
    );
  }
  if (path === undefined || pickles.length > 1) {
    throw new FormatError(
      `${fileName}: ${pickles.length} files named data.pkl in the zip, expected 1; this is not a checkpoint written by torch.save (TorchScript archives are not read)`,
    );
  }
  return path.slice(0, -'data.pkl'.length);
}

/** Written since PyTorch 2.1; absent means little-endian in practice. */
async function checkByteOrder(
  blob: Blob,
  entry: ZipEntry | undefined,
  fileName: string,
): Promise<void> {
  if (entry === undefined) return;
  const end = Math.min(entry.end, entry.start + 32);
  const order = new TextDecoder().decode(await readRange(blob, entry.start, end, fileName));
  if (order !== 'little') {
    throw new FormatError(
      `${fileName}: byte order ${quote(order)}, only "little" is read; save it again on a little-endian machine`,
    );
  }
}

function storageEntry(
  entries: ReadonlyMap<string, ZipEntry>,
  root: string,
  tensor: TorchTensor,
  name: string,
  fileName: string,
): ZipEntry {
  const path = `${root}data/${tensor.storageKey}`;
  const entry = entries.get(path);
  const expected = tensor.storageElements * DTYPE_BYTES[tensor.dtype];
  if (entry?.size === expected) return entry;
  throw new FormatError(
    `${fileName}: tensor ${quote(name)} needs ${expected} bytes in ${quote(path)}, ${entry === undefined ? 'which is missing' : `which has ${entry.size}`}; copy or download the file again`,
  );
}

function tensorSource(
  blob: Blob,
  entry: ZipEntry,
  tensor: TorchTensor,
  name: string,
  fileName: string,
): TensorSource {
  const { dtype, shape, strides, offset } = tensor;
  const elementBytes = DTYPE_BYTES[dtype];
  const elements = shape.reduce((product, n) => product * n, 1);
  const span =
    elements === 0 ? 0 : 1 + shape.reduce((sum, n, axis) => sum + (n - 1) * strides[axis]!, 0);
  const start = entry.start + offset * elementBytes;
  const read = async () => {
    const bytes = await readRange(blob, start, start + span * elementBytes, fileName);
    const values = widenToF32(bytes, dtype);
    // A shape such as [2^50, 0] is empty but would still be looped over 2^50 times.
    if (elements === 0) return values;
    return isContiguous(shape, strides) ? values : gather(values, shape, strides, elements);
  };
  return {
    name,
    dtype,
    shape,
    read,
    readPart: async (from, to) => {
      checkPart(from, to, elements, name, fileName);
      if (!isContiguous(shape, strides)) return (await read()).subarray(from, to);
      const bytes = [start + from * elementBytes, start + to * elementBytes] as const;
      return widenToF32(await readRange(blob, ...bytes, fileName), dtype);
    },
  };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The stride of an axis of length 1 has no meaning.
    if (shape[axis]! !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Row-major copy of a strided view; at most rank 4, padded in front with axes of length 1. */
function gather(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  elements: number,
): Float32Array {
  const missing = 4 - shape.length;
  const [n0, n1, n2, n3] = [...Array.from({ length: missing }, () => 1), ...shape] as Quad;
  const [s0, s1, s2, s3] = [...Array.from({ length: missing }, () => 0), ...strides] as Quad;
  const out = new Float32Array(elements);
  let offset = 0;
  for (let a = 0; a < n0; a++) {
    for (let b = 0; b < n1; b++) {
      for (let c = 0; c < n2; c++) {
        const row = a * s0 + b * s1 + c * s2;
        for (let d = 0; d < n3; d++) out[offset++] = values[row + d * s3]!;
      }
    }
  }
  return out;
}

type Quad = [number, number, number, number];
