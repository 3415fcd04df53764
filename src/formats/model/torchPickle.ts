// data.pkl of a torch checkpoint: the restricted reader of interop.md §3. It learns names, storages,
// shapes and strides; torchCheckpoint finds where the numbers lie.
import { FormatError } from '../../core/errors';
import type { TensorDtype } from '../../core/model/nanochat';
import { quote } from '../archives/byteRange';
import { isKind, readPickle } from '../archives/pickle';
import type { PickleDict, PickleValue } from '../archives/pickle';
import type { OpcodeName } from '../archives/pickleOpcodes';

/** A tensor as torch describes it; offset and strides in elements of its storage. */
export type TorchTensor = {
  storageKey: string;
  dtype: TensorDtype;
  storageElements: number;
  offset: number;
  shape: number[];
  strides: number[];
};

const OPCODES: readonly OpcodeName[] = [
  ...(['PROTO', 'STOP', 'MARK', 'NONE', 'NEWTRUE', 'NEWFALSE'] as const),
  ...(['BININT', 'BININT1', 'BININT2', 'LONG1', 'BINFLOAT', 'BINUNICODE'] as const),
  ...(['EMPTY_TUPLE', 'TUPLE', 'TUPLE1', 'TUPLE2', 'TUPLE3'] as const),
  ...(['EMPTY_LIST', 'APPEND', 'APPENDS', 'EMPTY_DICT', 'SETITEM', 'SETITEMS'] as const),
  ...(['BINPUT', 'LONG_BINPUT', 'BINGET', 'LONG_BINGET'] as const),
  ...(['GLOBAL', 'REDUCE', 'BUILD', 'BINPERSID'] as const),
];

const ORDERED_DICT = 'collections.OrderedDict';
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';
const STORAGES: ReadonlyMap<string, TensorDtype> = new Map([
  ['torch.FloatStorage', 'f32'],
  ['torch.HalfStorage', 'f16'],
  ['torch.BFloat16Storage', 'bf16'],
]);
/** Storages that torch writes and this does not read: named so that the refusal can say what to do. */
const OTHER_STORAGES: ReadonlyMap<string, string> = new Map([
  ['torch.DoubleStorage', 'float64'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
]);
const GLOBALS: ReadonlySet<string> = new Set([
  ORDERED_DICT,
  REBUILD_TENSOR,
  ...STORAGES.keys(),
  ...OTHER_STORAGES.keys(),
]);

const MAX_OPS = 1_000_000;
const MAX_TENSORS = 10_000;
const MAX_RANK = 4;

type Storage = { key: string; dtype: TensorDtype; elements: number };

/** What a state dict holds, by the names as saved. */
export type TorchState = {
  tensors: Map<string, TorchTensor>;
  /** what is no tensor; empty where nothing but tensors may be in it */
  others: Map<string, PickleValue>;
};

/** The state dict. othersToo: of an SAE, whose counters are whole numbers, which are left out, and which names its
 *  activation; otherwise all must be tensors of numbers. Throws FormatError for anything else. */
export function parseTorchPickle(
  bytes: Uint8Array,
  fileName: string,
  { othersToo = false } = {},
): TorchState {
  const root = readPickle(bytes, {
    fileName,
    protocols: [2],
    opcodes: OPCODES,
    globals: GLOBALS,
    maxOps: MAX_OPS,
    persistentLoad: (id) => storage(id, { fileName, othersToo }),
    reduce: (name, args) =>
      name === REBUILD_TENSOR ? tensor(args, fileName) : orderedDict(name, args, fileName),
    // `_metadata`, which state_dict() attaches to its OrderedDict, is dropped.
    build: (target) => {
      if (!isKind(target, 'dict'))
        throw refuse(fileName, 'a state is set on something that is not a dictionary');
    },
  });
  if (!isKind(root, 'dict')) {
    throw refuse(fileName, 'it does not contain a dictionary of tensors; save model.state_dict()');
  }
  return stateDict(root, { fileName, othersToo });
}

function refuse(fileName: string, what: string): FormatError {
  return new FormatError(`${fileName}: ${what}`);
}

/** Created empty: its entries follow as SETITEMS. An OrderedDict becomes a plain dict. */
function orderedDict(name: string, args: PickleValue[], fileName: string): PickleDict {
  if (name !== ORDERED_DICT || args.length > 0) {
    throw refuse(fileName, `a call of ${name} with ${args.length} arguments was refused`);
  }
  return { kind: 'dict', entries: [] };
}

/** ("storage", storage type, key, location, numel) */
function storage(
  id: PickleValue,
  { fileName, othersToo }: { fileName: string; othersToo: boolean },
): PickleValue {
  const items = isKind(id, 'tuple') ? id.items : [];
  const [tag, type, key, , elements] = items;
  const other = isKind(type, 'global') ? OTHER_STORAGES.get(type.name) : undefined;
  if (other !== undefined && othersToo) {
    return { kind: 'object', tag: 'counters', data: null };
  }
  if (other !== undefined) {
    throw refuse(
      fileName,
      `it holds tensors of ${other}; float32, float16 and bfloat16 are read: convert them, for example with model.float(), and save again`,
    );
  }
  const dtype = isKind(type, 'global') ? STORAGES.get(type.name) : undefined;
  const isWhole = items.length === 5 && tag === 'storage' && dtype !== undefined;
  if (!isWhole || typeof key !== 'string' || !/^\d{1,15}$/.test(key) || !isSize(elements)) {
    throw refuse(fileName, 'it has an unsupported storage record; save it again with torch.save');
  }
  return { kind: 'object', tag: 'storage', data: { key, dtype, elements } satisfies Storage };
}

/** (storage, offset, size, stride, requires_grad, hooks[, metadata]) */
function tensor(args: PickleValue[], fileName: string): PickleValue {
  const [source, offset, size, stride, requiresGrad, hooks] = args;
  const shape = sizes(size);
  const strides = sizes(stride);
  if (isKind(source, 'object') && source.tag === 'counters') return source;
  const isWhole =
    (args.length === 6 || args.length === 7) &&
    isKind(source, 'object') &&
    source.tag === 'storage' &&
    typeof requiresGrad === 'boolean' &&
    isKind(hooks, 'dict') &&
    hooks.entries.length === 0;
  if (!isWhole || !isSize(offset) || shape === null || strides?.length !== shape.length) {
    throw refuse(
      fileName,
      'it has an unsupported tensor record (negative strides and hooks are refused); save it again with torch.save',
    );
  }
  const { key, dtype, elements } = source.data as Storage;
  const data: TorchTensor = {
    storageKey: key,
    dtype,
    storageElements: elements,
    offset,
    shape,
    strides,
  };
  return { kind: 'object', tag: 'tensor', data };
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function sizes(value: PickleValue | undefined): number[] | null {
  if (!isKind(value, 'tuple')) return null;
  const whole = value.items.filter(isSize);
  return whole.length === value.items.length ? whole : null;
}

function stateDict(
  root: PickleDict,
  { fileName, othersToo }: { fileName: string; othersToo: boolean },
): TorchState {
  if (root.entries.length > MAX_TENSORS) {
    throw refuse(fileName, `${root.entries.length} tensors; at most ${MAX_TENSORS} are read`);
  }
  const tensors = new Map<string, TorchTensor>();
  const others = new Map<string, PickleValue>();
  for (const [key, value] of root.entries) {
    if (typeof key !== 'string') throw refuse(fileName, 'a tensor has no name');
    if (isKind(value, 'object') && value.tag === 'counters') continue;
    if (othersToo && !isKind(value, 'object')) {
      others.set(key, value);
      continue;
    }
    if (!isKind(value, 'object') || value.tag !== 'tensor') {
      throw refuse(
        fileName,
        `${quote(key)} is not a tensor; a state dict of tensors is expected (an optim_*.pt or a whole training state is not one)`,
      );
    }
    if (tensors.has(key)) throw refuse(fileName, `the tensor ${quote(key)} appears twice`);
    checkTensor(key, value.data as TorchTensor, fileName);
    tensors.set(key, value.data as TorchTensor);
  }
  return { tensors, others };
}

/** Every element must lie in the storage, and strides must not repeat elements without limit. */
function checkTensor(name: string, t: TorchTensor, fileName: string): void {
  if (t.shape.length > MAX_RANK) {
    throw refuse(
      fileName,
      `tensor ${quote(name)} has rank ${t.shape.length}; at most ${MAX_RANK} is read`,
    );
  }
  const label = `tensor ${quote(name)} [${t.shape.join(', ')}]`;
  const elements = t.shape.reduce((product, n) => product * n, 1);
  if (elements === 0) return;
  const last = t.shape.reduce((sum, n, axis) => sum + (n - 1) * t.strides[axis]!, t.offset);
  if (last >= t.storageElements) {
    throw refuse(
      fileName,
      `${label} reaches element ${last} of a storage of ${t.storageElements}; save it again with torch.save`,
    );
  }
  if (elements > t.storageElements) {
    throw refuse(
      fileName,
      `${label} has more elements than its storage (${t.storageElements}); save it with .contiguous()`,
    );
  }
}
