// A pickle machine that executes nothing: it builds plain values and passes every class name to its
// caller, who accepts an exact list and refuses the rest. The caller also lists the allowed opcodes.
// Opcodes: CPython, Lib/pickletools.py (protocols 2 and 4).
import { FormatError } from '../../core/errors';
import { quote } from './byteRange';
import { OPCODE_NAMES } from './pickleOpcodes';
import type { OpcodeName } from './pickleOpcodes';

/** A value of a pickle. Containers are shared by reference, because a pickle's memo can point to them. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | { kind: 'tuple'; items: PickleValue[] }
  | { kind: 'list'; items: PickleValue[] }
  /** in order of insertion; a repeated key appears twice */
  | { kind: 'dict'; entries: [PickleValue, PickleValue][] }
  | { kind: 'global'; name: string }
  /** what a hook made: `tag` and `data` are the caller's */
  | { kind: 'object'; tag: string; data: unknown };

export type PickleDict = Extract<PickleValue, { kind: 'dict' }>;

/** What a reader allows. Without a hook, its opcode is refused. */
export type PickleRules = {
  fileName: string;
  /** versions that the writer may have used */
  protocols: readonly number[];
  opcodes: readonly OpcodeName[];
  globals: ReadonlySet<string>;
  maxOps: number;
  reduce?: (name: string, args: PickleValue[]) => PickleValue;
  newObject?: (name: string, args: PickleValue[]) => PickleValue;
  build?: (target: PickleValue, state: PickleValue) => void;
  persistentLoad?: (id: PickleValue) => PickleValue;
};

/** Longest name of a module or class that is read. */
const MAX_NAME = 200;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Machine = {
  rules: PickleRules;
  bytes: Uint8Array;
  view: DataView;
  at: number;
  stack: PickleValue[];
  /** stacks set aside by MARK */
  marks: PickleValue[][];
  memo: Map<number, PickleValue>;
};

/** Runs a pickle to its STOP. Throws FormatError naming file, byte and what is not allowed. */
export function readPickle(bytes: Uint8Array, rules: PickleRules): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const m: Machine = { rules, bytes, view, at: 0, stack: [], marks: [], memo: new Map() };
  const allowed = new Set(rules.opcodes);
  for (let ops = 0; ; ops++) {
    if (ops >= rules.maxOps) {
      throw fail(m, `more than ${rules.maxOps} opcodes; no checkpoint needs that many`);
    }
    const code = u8(m);
    const op = OPCODE_NAMES.get(code);
    if (op === undefined || !allowed.has(op)) {
      throw fail(
        m,
        `opcode ${op ?? `0x${code.toString(16)}`} at byte ${m.at - 1} is not allowed in this kind of file`,
      );
    }
    if (ops === 0 && op !== 'PROTO') throw fail(m, 'does not start like a pickle');
    if (op === 'STOP') return result(m);
    STEPS[op](m);
  }
}

function fail(m: Machine, what: string): FormatError {
  return new FormatError(
    `${m.rules.fileName}: its pickle was refused: ${what}; nothing in it was run`,
  );
}

function result(m: Machine): PickleValue {
  const value = pop(m);
  if (m.stack.length > 0 || m.marks.length > 0) throw fail(m, 'values are left over at its end');
  return value;
}

/** What each opcode does; STOP ends the run. */
const STEPS: Readonly<Record<Exclude<OpcodeName, 'STOP'>, (m: Machine) => void>> = {
  PROTO: (m) => protocol(m),
  FRAME: (m) => take(m, 8),
  MARK: (m) => mark(m),
  NONE: (m) => push(m, null),
  NEWTRUE: (m) => push(m, true),
  NEWFALSE: (m) => push(m, false),
  BININT: (m) => push(m, m.view.getInt32(take(m, 4), true)),
  BININT1: (m) => push(m, u8(m)),
  BININT2: (m) => push(m, m.view.getUint16(take(m, 2), true)),
  LONG1: (m) => push(m, long1(m)),
  BINFLOAT: (m) => push(m, m.view.getFloat64(take(m, 8), false)),
  BINUNICODE: (m) => push(m, text(m, u32(m))),
  SHORT_BINUNICODE: (m) => push(m, text(m, u8(m))),
  BINBYTES: (m) => push(m, byteString(m, u32(m))),
  SHORT_BINBYTES: (m) => push(m, byteString(m, u8(m))),
  EMPTY_TUPLE: (m) => push(m, { kind: 'tuple', items: [] }),
  TUPLE: (m) => push(m, { kind: 'tuple', items: popMark(m) }),
  TUPLE1: (m) => push(m, { kind: 'tuple', items: popMany(m, 1) }),
  TUPLE2: (m) => push(m, { kind: 'tuple', items: popMany(m, 2) }),
  TUPLE3: (m) => push(m, { kind: 'tuple', items: popMany(m, 3) }),
  EMPTY_LIST: (m) => push(m, { kind: 'list', items: [] }),
  APPEND: (m) => append(m, popMany(m, 1)),
  APPENDS: (m) => append(m, popMark(m)),
  EMPTY_DICT: (m) => push(m, { kind: 'dict', entries: [] }),
  SETITEM: (m) => setItems(m, popMany(m, 2)),
  SETITEMS: (m) => setItems(m, popMark(m)),
  BINPUT: (m) => m.memo.set(u8(m), top(m)),
  LONG_BINPUT: (m) => m.memo.set(u32(m), top(m)),
  MEMOIZE: (m) => m.memo.set(m.memo.size, top(m)),
  BINGET: (m) => push(m, recall(m, u8(m))),
  LONG_BINGET: (m) => push(m, recall(m, u32(m))),
  GLOBAL: (m) => push(m, globalName(m, [line(m), line(m)])),
  STACK_GLOBAL: (m) => push(m, globalName(m, popMany(m, 2))),
  REDUCE: (m) => call(m, m.rules.reduce),
  NEWOBJ: (m) => call(m, m.rules.newObject),
  BUILD: (m) => build(m),
  BINPERSID: (m) => persistent(m),
};

function protocol(m: Machine): void {
  const version = u8(m);
  if (!m.rules.protocols.includes(version)) {
    throw fail(m, `pickle protocol ${version}, expected ${m.rules.protocols.join(' or ')}`);
  }
}

/** Skips `length` bytes and returns where they began. */
function take(m: Machine, length: number): number {
  const start = m.at;
  if (start + length > m.bytes.length) throw fail(m, `it is cut off at byte ${m.bytes.length}`);
  m.at = start + length;
  return start;
}

function u8(m: Machine): number {
  return m.bytes[take(m, 1)]!;
}

function u32(m: Machine): number {
  return m.view.getUint32(take(m, 4), true);
}

function byteString(m: Machine, length: number): Uint8Array {
  const start = take(m, length);
  return m.bytes.slice(start, start + length);
}

function text(m: Machine, length: number): string {
  const start = take(m, length);
  try {
    return UTF8.decode(m.bytes.subarray(start, start + length));
  } catch {
    throw fail(m, `the text at byte ${start} is not UTF-8`);
  }
}

/** Little-endian two's complement; only what a double holds exactly. */
function long1(m: Machine): number {
  const length = u8(m);
  const start = take(m, length);
  if (length > 8) throw fail(m, `a whole number of ${length} bytes at byte ${start}`);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(m.bytes[start + i]!);
  const whole = Number(BigInt.asIntN(length * 8, value));
  if (!Number.isSafeInteger(whole)) throw fail(m, `the number ${whole} at byte ${start}`);
  return whole;
}

function line(m: Machine): string {
  const end = m.bytes.subarray(m.at, m.at + MAX_NAME).indexOf(0x0a);
  if (end < 0) throw fail(m, `the name at byte ${m.at} has no end`);
  const name = text(m, end);
  take(m, 1);
  return name;
}

function globalName(m: Machine, [module, name]: PickleValue[]): PickleValue {
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw fail(m, `the class named at byte ${m.at} has no name`);
  }
  const full = `${module}.${name}`;
  if (!m.rules.globals.has(full)) {
    throw fail(
      m,
      `it names ${quote(full)}, which is not on the list of this reader (${[...m.rules.globals].join(', ')})`,
    );
  }
  return { kind: 'global', name: full };
}

function push(m: Machine, value: PickleValue): void {
  m.stack.push(value);
}

function pop(m: Machine): PickleValue {
  const value = m.stack.pop();
  if (value === undefined) throw fail(m, `nothing on the stack at byte ${m.at}`);
  return value;
}

function popMany(m: Machine, count: number): PickleValue[] {
  if (m.stack.length < count) throw fail(m, `nothing on the stack at byte ${m.at}`);
  return m.stack.splice(m.stack.length - count, count);
}

function popMark(m: Machine): PickleValue[] {
  const items = m.stack;
  const outer = m.marks.pop();
  if (outer === undefined) throw fail(m, `no mark on the stack at byte ${m.at}`);
  m.stack = outer;
  return items;
}

function top(m: Machine): PickleValue {
  const value = m.stack.at(-1);
  if (value === undefined) throw fail(m, `nothing on the stack at byte ${m.at}`);
  return value;
}

function recall(m: Machine, index: number): PickleValue {
  const value = m.memo.get(index);
  if (value === undefined) throw fail(m, `it refers to memo entry ${index}, which does not exist`);
  return value;
}

function append(m: Machine, items: PickleValue[]): void {
  const target = top(m);
  if (!isKind(target, 'list'))
    throw fail(m, `an item is appended to something that is not a list at byte ${m.at}`);
  for (const item of items) target.items.push(item);
}

function setItems(m: Machine, items: PickleValue[]): void {
  const target = top(m);
  if (!isKind(target, 'dict') || items.length % 2 !== 0) {
    throw fail(m, `keys are set on something that is not a dictionary at byte ${m.at}`);
  }
  for (let i = 0; i < items.length; i += 2) target.entries.push([items[i]!, items[i + 1]!]);
}

function call(m: Machine, hook: PickleRules['reduce']): void {
  const [target, args] = popMany(m, 2);
  if (hook === undefined || !isKind(target, 'global') || !isKind(args, 'tuple')) {
    throw fail(m, `a call of something that cannot be called at byte ${m.at}`);
  }
  push(m, hook(target.name, args.items));
}

function mark(m: Machine): void {
  m.marks.push(m.stack);
  m.stack = [];
}

function build(m: Machine): void {
  const state = pop(m);
  if (m.rules.build === undefined) throw fail(m, 'it sets the state of an object');
  m.rules.build(top(m), state);
}

function persistent(m: Machine): void {
  if (m.rules.persistentLoad === undefined) throw fail(m, 'it refers to data outside itself');
  push(m, m.rules.persistentLoad(pop(m)));
}

/** Guard for the tagged members of PickleValue. */
export function isKind<K extends 'tuple' | 'list' | 'dict' | 'global' | 'object'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Uint8Array) &&
    value.kind === kind
  );
}
