// Files that are whole in one layer and lie in the next: pickles of hostile tensors, opcodes in any order,
// zips whose directories say what they like.
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { blobOf, p, torchPickle, torchZip } from '../../unit/formats/archives/pickleBuilder';
import type { BuiltTensor } from '../../unit/formats/archives/pickleBuilder';
import { concat, makeZip } from '../../unit/formats/archives/zipBuilder';
import type { ZipPart } from '../../unit/formats/archives/zipBuilder';

const SIZES = [0, 1, 2, 3, 4, 6, 12, -1, 13, 2 ** 31 - 1, 2 ** 32, 2 ** 50, 2 ** 53 - 1];
const size = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 12), fc.constantFrom(...SIZES));

const tensor: fc.Arbitrary<BuiltTensor> = fc
  .record({
    name: fc.constantFrom(
      'W',
      'b',
      '_orig_mod.W',
      '__proto__',
      'constructor',
      'lm_head.weight',
      '',
    ),
    storage: fc.constantFrom(
      ...(['FloatStorage', 'FloatStorage', 'HalfStorage', 'BFloat16Storage'] as const),
      ...(['IntStorage', 'UntypedStorage'] as const),
    ),
    key: fc.constantFrom('0', '0', '1', '2', '00', '__proto__', '../0'),
    elements: fc.constantFrom(12, 12, 12, 6, 4, 0, 2 ** 53 - 1, -1),
    offset: size,
    dims: fc.array(fc.tuple(size, size), { maxLength: 5 }),
    isContiguous: fc.boolean(),
  })
  .map(({ dims, isContiguous, ...rest }) => {
    const shape = dims.map(([n]) => n);
    const packed = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const isWritable = packed.every((stride) => Number.isSafeInteger(stride));
    const strides = isContiguous && isWritable ? packed : dims.map(([, stride]) => stride);
    return { ...rest, offset: isContiguous ? 0 : rest.offset, shape, strides };
  });

/** A sound zip with a sound pickle of tensors that fit it, or do not. */
export const hostileTensors: fc.Arbitrary<Uint8Array> = fc
  .array(tensor, { minLength: 1, maxLength: 4 })
  .map((tensors) => torchZip({ pickle: torchPickle(tensors), data: storages() }));

function storages(): Record<string, ArrayBufferView> {
  return { 0: new Float32Array(12), 1: new Uint16Array(4), 2: new Uint16Array(12) };
}

/** What a data.pkl becomes inside a sound zip. */
export function torchFileOf(pickle: Uint8Array): Blob {
  return blobOf(torchZip({ pickle, data: storages() }));
}

const OPS: readonly Uint8Array[] = [
  ...[p.mark, p.none, p.false, p.emptyTuple, p.tuple, p.emptyDict, p.emptyList, p.setItems],
  ...[p.reduce, p.build, p.persid, p.put(0), p.get(0), p.put(1), p.get(1), p.get(200), p.int(7)],
  ...[p.int(-1), p.long(1), p.long(), p.long(255, 255, 255, 255, 255, 255, 255, 127), p.float],
  ...[p.text('storage'), p.text('0'), p.shortText('x'), p.shortBytes(1, 2), p.stop, p.newObject],
  ...[p.global('collections', 'OrderedDict'), p.global('torch', 'FloatStorage'), p.stackGlobal],
  ...[p.global('torch._utils', '_rebuild_tensor_v2'), p.global('os', 'system')],
  ...[p.shortText('tiktoken.core'), p.shortText('Encoding'), p.proto(2), p.proto(4)],
  // TUPLE1 to TUPLE3, APPEND, SETITEM, MEMOIZE, POP, DUP and calls that no reader here allows
  ...[0x85, 0x86, 0x87, 0x61, 0x73, 0x94, 0x30, 0x32, 0x69, 0x6f, 0x82, 0x92].map((code) =>
    Uint8Array.of(code),
  ),
];

/** Opcodes in any order, some of them very often, behind a true or an empty beginning. */
export function opcodePickle(version: number, beginning: Uint8Array): fc.Arbitrary<Uint8Array> {
  const step = fc.tuple(
    fc.constantFrom(...OPS),
    fc.oneof({ weight: 40, arbitrary: fc.constant(1) }, fc.constantFrom(2, 1000, 100_000)),
  );
  return fc
    .tuple(fc.nat(beginning.length), fc.boolean(), fc.array(step, { maxLength: 40 }))
    .map(([cut, isFresh, steps]) =>
      concat(
        isFresh ? p.proto(version) : beginning.subarray(0, cut),
        ...steps.map(([op, times]) => repeated(op, times)),
        p.stop,
      ),
    );
}

function repeated(op: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(op.length * times);
  for (let i = 0; i < times; i++) out.set(op, i * op.length);
  return out;
}

const BOMB = deflateSync(new Uint8Array(4_000_000));
const CONTENTS: readonly (Partial<ZipPart> & Pick<ZipPart, 'data'>)[] = [
  { data: new Uint8Array() },
  { data: new Uint8Array(9).fill(65) },
  { data: deflateSync(new Uint8Array(50).fill(66)), method: 8, size: 50 },
  { data: BOMB, method: 8, size: 4_000_000 },
  { data: BOMB, method: 8, size: 1000 },
  { data: BOMB, method: 8, size: 0xffffffff },
  { data: BOMB.subarray(0, 40), method: 8, size: 900_000_000 },
];
const PATHS = [
  ...['a.json', 'cfg.json', 'b', 'folder/', '../up', '/root', '__proto__', 'constructor', ''],
  ...['run/data.pkl', 'a.zip', 'x'.repeat(3000), 'nul\u0000'],
];

/** A directory and end records that agree with each other but not always with the file. */
export const lyingZip: fc.Arbitrary<Uint8Array> = fc
  .record({
    parts: fc.array(
      fc.record(
        {
          path: fc.constantFrom(...PATHS),
          content: fc.constantFrom(...CONTENTS),
          padding: fc.constantFrom(0, 11, 60_000),
          flags: fc.constantFrom(0, 0, 0, 1, 8, 0x800, 0x2000),
          method: fc.constantFrom(0, 8, 9, 12, 14, 93, 99),
          size: fc.constantFrom(0, 1, 0xffff, 0xfffffffe, 1_000_000_000),
          headerAt: fc.constantFrom(0, 1, 39, 0xfffffffe),
        },
        { requiredKeys: ['path', 'content'] },
      ),
      { maxLength: 6 },
    ),
    zip64: fc.boolean(),
    wideEntries: fc.boolean(),
    comment: fc.constantFrom('', 'PK\u0005\u0006', 'x'.repeat(60_000)),
  })
  .map(({ parts, ...lies }) =>
    makeZip(
      parts.map(({ content, ...rest }) => ({ ...content, ...rest })),
      lies,
    ),
  );
