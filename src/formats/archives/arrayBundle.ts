// Our own container for a set of named typed arrays and some facts: checkpoints of runs and statistics
// in storage, and the statistics shipped with the demo. "NSB1", header length (u32), JSON header, data
// (little-endian, each array at a multiple of 8).
import { FormatError } from '../../core/errors';
import { quote } from './byteRange';

const MAGIC = 0x3142534e;
const MAX_HEADER_BYTES = 1 << 20;

const TYPES = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type TypeName = keyof typeof TYPES;
export type BundleArray =
  Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export type ArrayBundle = {
  /** JSON-serialisable */
  facts: unknown;
  arrays: Record<string, BundleArray>;
};

type Entry = { name: string; type: TypeName; offset: number; length: number };

export function formatArrayBundle(bundle: ArrayBundle): Uint8Array<ArrayBuffer> {
  const entries: Entry[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(bundle.arrays)) {
    entries.push({ name, type: typeName(array), offset, length: array.length });
    offset += padded(array.byteLength);
  }
  const header = new TextEncoder().encode(JSON.stringify({ facts: bundle.facts, entries }));
  const dataStart = padded(8 + header.length);
  const bytes = new Uint8Array(dataStart + offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, header.length, true);
  bytes.set(header, 8);
  for (const entry of entries) {
    const array = bundle.arrays[entry.name]!;
    const raw = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(raw, dataStart + entry.offset);
  }
  return bytes;
}

/** Throws FormatError for anything that formatArrayBundle cannot have written. */
export function parseArrayBundle(bytes: Uint8Array, what: string): ArrayBundle {
  const fail = (why: string): never => {
    throw new FormatError(`${what}: ${why}; it is damaged, create it again`);
  };
  if (bytes.length < 8) return fail(`only ${bytes.length} bytes long`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) return fail('does not begin with NSB1');
  const headerLength = view.getUint32(4, true);
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.length) {
    return fail(`header of ${headerLength} bytes does not fit`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength)) ?? fail('header is unreadable');
  const dataStart = padded(8 + headerLength);
  const arrays: Record<string, BundleArray> = {};
  let end = 0;
  for (const { name, type, offset, length } of header.entries) {
    const size = length * TYPES[type].BYTES_PER_ELEMENT;
    const start = dataStart + offset;
    // Arrays must follow one another without overlap: overlapping entries could multiply the memory used.
    if (offset !== end) return fail(`array ${quote(name)} lies at ${offset}, not at ${end}`);
    if (Object.hasOwn(arrays, name)) return fail(`array ${quote(name)} comes twice`);
    if (start + size > bytes.length) return fail(`array ${quote(name)} ends past the file`);
    end += padded(size);
    // A copy: the bytes may lie unaligned, and the array must outlive them.
    arrays[name] = new TYPES[type](bytes.slice(start, start + size).buffer);
  }
  return { facts: header.facts, arrays };
}

function parseHeader(bytes: Uint8Array): { facts: unknown; entries: Entry[] } | null {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || !('entries' in json)) return null;
  const { entries } = json;
  if (!Array.isArray(entries) || !entries.every(isEntry)) return null;
  return { facts: 'facts' in json ? json.facts : null, entries };
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, type, offset, length } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    name !== '__proto__' &&
    typeof type === 'string' &&
    Object.hasOwn(TYPES, type) &&
    Number.isSafeInteger(offset) &&
    Number(offset) >= 0 &&
    Number.isSafeInteger(length) &&
    Number(length) >= 0
  );
}

function typeName(array: BundleArray): TypeName {
  for (const name of Object.keys(TYPES) as TypeName[]) {
    if (array instanceof TYPES[name]) return name;
  }
  throw new FormatError(`array type ${Object.prototype.toString.call(array)} cannot be bundled`);
}

function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}
