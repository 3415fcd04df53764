// Pickles byte by byte: the opcodes that tests need, and a torch checkpoint made of them.
import { concat, join, little, makeZip } from './zipBuilder';
import type { ZipLies, ZipPart } from './zipBuilder';

const encoder = new TextEncoder();
const op = (code: string | number, ...rest: Uint8Array[]) =>
  concat(Uint8Array.of(typeof code === 'string' ? code.charCodeAt(0) : code), ...rest);

export const p = {
  proto: (version: number) => op(0x80, Uint8Array.of(version)),
  stop: op('.'),
  mark: op('('),
  none: op('N'),
  false: op(0x89),
  emptyTuple: op(')'),
  tuple: op('t'),
  emptyDict: op('}'),
  emptyList: op(']'),
  setItems: op('u'),
  reduce: op('R'),
  build: op('b'),
  persid: op('Q'),
  put: (index: number) => op('q', Uint8Array.of(index)),
  get: (index: number) => op('h', Uint8Array.of(index)),
  int: (value: number) => op('J', little([4, value >>> 0])),
  /** BININT, or LONG1 where that is too narrow */
  whole: (value: number) => (value === (value | 0) ? p.int(value) : p.wide(value)),
  wide: (value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
    return op(0x8a, Uint8Array.of(8), bytes);
  },
  long: (...bytes: number[]) => op(0x8a, Uint8Array.of(bytes.length, ...bytes)),
  float: op('G', Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0)),
  text: (text: string) => {
    const bytes = encoder.encode(text);
    return op('X', little([4, bytes.length]), bytes);
  },
  global: (module: string, name: string) => op('c', encoder.encode(`${module}\n${name}\n`)),
  shortText: (text: string) =>
    op(0x8c, Uint8Array.of(encoder.encode(text).length), encoder.encode(text)),
  shortBytes: (...bytes: number[]) => op('C', Uint8Array.of(bytes.length, ...bytes)),
  stackGlobal: op(0x93),
  newObject: op(0x81),
};

export type BuiltTensor = {
  name: string;
  storage?: string;
  key: string;
  /** elements of the storage */
  elements: number;
  offset?: number;
  shape: number[];
  strides: number[];
};

export function torchTensor(t: BuiltTensor): Uint8Array {
  const tuple = (values: number[]) => concat(p.mark, ...values.map(p.whole), p.tuple);
  return concat(
    p.global('torch._utils', '_rebuild_tensor_v2'),
    p.mark,
    ...[p.mark, p.text('storage'), p.global('torch', t.storage ?? 'FloatStorage')],
    ...[p.text(t.key), p.text('cpu'), p.whole(t.elements), p.tuple, p.persid],
    ...[p.whole(t.offset ?? 0), tuple(t.shape), tuple(t.strides), p.false],
    ...[p.global('collections', 'OrderedDict'), p.emptyTuple, p.reduce],
    p.tuple,
    p.reduce,
  );
}

/** An OrderedDict with `_metadata`, as state_dict() gives it. */
export function torchPickle(tensors: BuiltTensor[]): Uint8Array {
  return concat(
    p.proto(2),
    ...[p.global('collections', 'OrderedDict'), p.emptyTuple, p.reduce, p.put(0)],
    ...[p.mark, ...tensors.flatMap((t) => [p.text(t.name), torchTensor(t)]), p.setItems],
    ...[p.emptyDict, p.mark, p.text('_metadata'), p.get(0), p.setItems, p.build],
    p.stop,
  );
}

export type BuiltCheckpoint = {
  pickle: Uint8Array;
  /** storages by key */
  data: Record<string, ArrayBufferView>;
  extra?: ZipPart[];
  /** changes an entry before it is written */
  edit?: (part: ZipPart) => ZipPart;
  zip?: ZipLies;
};

export function torchZip(o: BuiltCheckpoint): Uint8Array<ArrayBuffer> {
  const parts: ZipPart[] = [
    { path: 'run/data.pkl', data: o.pickle },
    { path: 'run/byteorder', data: encoder.encode('little') },
    ...Object.entries(o.data).map(([key, view]) => ({
      path: `run/data/${key}`,
      data: new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
      padding: 11,
    })),
    { path: 'run/version', data: encoder.encode('3\n') },
    ...(o.extra ?? []),
  ];
  return makeZip(o.edit === undefined ? parts : parts.map(o.edit), o.zip);
}

/** Protocol 4, all single bytes ranked by value, then `ranks`. */
export function tokenizerPickle(o: {
  ranks?: [number[], number][];
  special?: [string, number][];
  className?: string;
  pattern?: string;
}): Uint8Array {
  const bytes: [number[], number][] = Array.from({ length: 256 }, (_, b) => [[b], b]);
  const ranks = [...bytes, ...(o.ranks ?? [[[97, 98], 256]])];
  const special = o.special ?? [['<|bos|>', 257]];
  return join([
    p.proto(4),
    ...[p.shortText('tiktoken.core'), p.shortText(o.className ?? 'Encoding'), p.stackGlobal],
    ...[p.emptyTuple, p.newObject, p.emptyDict, p.mark],
    ...[p.shortText('name'), p.shortText('test')],
    ...[p.shortText('pat_str'), p.shortText(o.pattern ?? '\\p{L}+|\\P{L}+')],
    ...[p.shortText('mergeable_ranks'), p.emptyDict, p.mark],
    ...ranks.flatMap(([token, id]) => [p.shortBytes(...token), p.int(id)]),
    ...[p.setItems, p.shortText('special_tokens'), p.emptyDict, p.mark],
    ...special.flatMap(([text, id]) => [p.shortText(text), p.int(id)]),
    ...[p.setItems, p.setItems, p.build, p.stop],
  ]);
}

export function blobOf(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(bytes)]);
}
