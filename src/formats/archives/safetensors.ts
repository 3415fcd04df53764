// The safetensors container: header checked to the byte, tensors as ranges read when asked for
// (interop.md §2). Callers decide what the tensors mean and whether their values are finite.
import { FormatError } from '../../core/errors';
import type { TensorDtype, TensorSource } from '../../core/model/nanochat';
import { checkPart, DTYPE_BYTES, quote, readRange, widenToF32 } from './byteRange';

const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_TENSORS = 10_000;
const MAX_RANK = 4;
const DTYPES: Readonly<Record<string, TensorDtype>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' };
/** SAELens writes this one scalar in f64; it is read as f32. */
const F64_SCALAR = 'topk_threshold';

/** Reads the header only. Throws FormatError unless the header describes the rest of the file exactly. */
export async function readSafetensors(
  blob: Blob,
  fileName = 'safetensors file',
): Promise<{ tensors: Map<string, TensorSource>; metadata: Map<string, string> }> {
  const { header, dataStart } = await readHeader(blob, fileName);
  const metadata = parseMetadata(header.get('__metadata__'), fileName);
  header.delete('__metadata__');
  if (header.size > MAX_TENSORS) {
    throw new FormatError(
      `${fileName}: ${header.size} tensors; at most ${MAX_TENSORS} are read, split the file`,
    );
  }
  const infos = [...header].map(([name, info]) => parseInfo(name, info, fileName));
  checkTiling(infos, blob.size - dataStart, fileName);
  const tensors = infos.map((info) => source(blob, dataStart, info, fileName));
  return { tensors: new Map(tensors.map((t) => [t.name, t])), metadata };
}

async function readHeader(
  blob: Blob,
  fileName: string,
): Promise<{ header: Map<string, unknown>; dataStart: number }> {
  if (blob.size < 8) {
    throw new FormatError(
      `${fileName}: with ${blob.size} bytes it is not a safetensors file; copy it again`,
    );
  }
  const prefix = await readRange(blob, 0, 8, fileName);
  // As BigInt first: rounding must not turn a hostile length into a valid one.
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new FormatError(
      `${fileName}: a header of ${length.toString()} bytes; at most ${MAX_HEADER_BYTES} are read, this is not a safetensors file`,
    );
  }
  const dataStart = 8 + Number(length);
  if (dataStart > blob.size) {
    throw new FormatError(
      `${fileName}: its header should end at byte ${dataStart} but the file ends at ${blob.size}; it was cut off, copy it again`,
    );
  }
  const bytes = await readRange(blob, 8, dataStart, fileName);
  return { header: parseHeader(bytes, fileName), dataStart };
}

function parseHeader(bytes: Uint8Array, fileName: string): Map<string, unknown> {
  if (bytes[0] !== 0x7b) {
    throw new FormatError(
      `${fileName}: its header begins with byte ${bytes[0] ?? 'nothing'}, not "{"; this is not a safetensors file`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(
      `${fileName}: its header is not JSON in UTF-8 (${cause instanceof Error ? cause.message : ''}); copy or download the file again`,
      { cause },
    );
  }
  return new Map(Object.entries(json as object));
}

function parseMetadata(value: unknown, fileName: string): Map<string, string> {
  if (value === undefined) return new Map();
  const entries = isRecord(value) ? Object.entries(value) : null;
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string') !== true) {
    throw new FormatError(
      `${fileName}: __metadata__ must map text to text; write the file again without it`,
    );
  }
  return new Map(entries);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Info = {
  name: string;
  dtype: TensorDtype;
  isF64: boolean;
  shape: number[];
  begin: number;
  end: number;
};

function parseInfo(name: string, value: unknown, fileName: string): Info {
  const label = `${fileName}: tensor ${quote(name)}`;
  if (!isRecord(value)) throw new FormatError(`${label} must be described by a JSON object`);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const isF64 = code === 'F64' && name === F64_SCALAR;
  const dtype = isF64 ? 'f32' : typeof code === 'string' ? ownDtype(code) : undefined;
  if (dtype === undefined) {
    throw new FormatError(
      `${label} has dtype ${typeof code === 'string' ? quote(code) : 'none'}; only F32, F16 and BF16 are read, convert it`,
    );
  }
  if (!isSizes(shape) || shape.length > MAX_RANK) {
    throw new FormatError(
      `${label} has no usable shape; expected at most ${MAX_RANK} whole numbers`,
    );
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw new FormatError(`${label} has no usable data_offsets; expected two ascending numbers`);
  }
  const elementBytes = isF64 ? 8 : DTYPE_BYTES[dtype];
  const byteLength = shape.reduce((product, n) => product * n, elementBytes);
  const [begin, end] = offsets as [number, number];
  if (byteLength !== end - begin || (isF64 && byteLength !== 8)) {
    throw new FormatError(
      `${label} of shape [${shape.join(', ')}] needs ${byteLength} bytes but is given ${end - begin}; write the file again`,
    );
  }
  return { name, dtype, isF64, shape, begin, end };
}

function ownDtype(code: string): TensorDtype | undefined {
  return Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

/** No gap, no overlap, nothing after the last tensor. This also detects a duplicate JSON key. */
function checkTiling(infos: readonly Info[], dataBytes: number, fileName: string): void {
  let covered = 0;
  for (const info of [...infos].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (info.begin !== covered) {
      throw new FormatError(
        `${fileName}: tensor ${quote(info.name)} begins at byte ${info.begin} of the data, expected ${covered}; gaps, overlaps and repeated names are refused, write the file again`,
      );
    }
    covered = info.end;
  }
  if (covered !== dataBytes) {
    throw new FormatError(
      `${fileName}: its tensors take ${covered} bytes but ${dataBytes} follow the header; it was cut off or added to, copy it again`,
    );
  }
}

function source(blob: Blob, dataStart: number, info: Info, fileName: string): TensorSource {
  const { name, dtype, shape } = info;
  const read = async () => {
    // Data may be unaligned in the file, so the range is read into a buffer of its own.
    const bytes = await readRange(blob, dataStart + info.begin, dataStart + info.end, fileName);
    return info.isF64
      ? Float32Array.from(new Float64Array(bytes.buffer))
      : widenToF32(bytes, dtype);
  };
  return {
    name,
    dtype,
    shape,
    read,
    readPart: async (from, to) => {
      const elements = shape.reduce((product, n) => product * n, 1);
      checkPart(from, to, elements, name, fileName);
      if (info.isF64) return (await read()).subarray(from, to);
      const start = dataStart + info.begin;
      const elementBytes = DTYPE_BYTES[dtype];
      const bytes = [start + from * elementBytes, start + to * elementBytes] as const;
      return widenToF32(await readRange(blob, ...bytes, fileName), dtype);
    },
  };
}

export type F32Tensor = { name: string; shape: readonly number[]; data: Float32Array };
/** Token ids and other counts. */
type I32Tensor = { name: string; shape: readonly number[]; data: Int32Array };

/** As bits (`f32ToF16`). */
type F16Tensor = { name: string; shape: readonly number[]; data: Uint16Array };

/** A whole file of F32, F16 and I32 tensors, sorted by name, header padded with spaces to a multiple of 8.
 *  Throws FormatError where a shape does not fit its data or a name is repeated. */
export function formatSafetensors(
  tensors: readonly (F32Tensor | I32Tensor | F16Tensor)[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = {};
  if (metadata.size > 0) header['__metadata__'] = Object.fromEntries(metadata);
  let end = 0;
  for (const { name, shape, data } of sorted) {
    if (shape.reduce((product, n) => product * n, 1) !== data.length) {
      throw new FormatError(
        `tensor ${quote(name)}: shape [${shape.join(', ')}] does not hold ${data.length} values`,
      );
    }
    if (Object.hasOwn(header, name)) throw new FormatError(`tensor ${quote(name)} comes twice`);
    const dtype =
      data instanceof Float32Array ? 'F32' : data instanceof Uint16Array ? 'F16' : 'I32';
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { data } of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}
