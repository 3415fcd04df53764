// Writer for the part of onnx.proto that a generated inference graph needs. It knows field numbers and
// wire types, not what the graph computes. Source: onnx/onnx.proto, IR version 10.

/** Codes of TensorProto.DataType. */
const ELEMENT_TYPE = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof ELEMENT_TYPE;

export type AttributeValue =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'ints'; value: readonly number[] };

export type NodeRecord = {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, AttributeValue>>;
};

/** A graph input or output; a dimension given by name is free, shape null leaves the rank open. */
export type ValueRecord = {
  name: string;
  type: ElementType;
  shape: readonly (number | string)[] | null;
};

export type TensorRecord = {
  name: string;
  type: ElementType;
  shape: readonly number[];
  /** little-endian values, or the external file that holds them from byte 0 */
  data: { kind: 'inline'; bytes: Uint8Array } | { kind: 'external'; path: string; length: number };
};

export type GraphRecord = {
  name: string;
  nodes: readonly NodeRecord[];
  inputs: readonly ValueRecord[];
  outputs: readonly ValueRecord[];
  initialisers: readonly TensorRecord[];
};

/** Operators of ONNX Runtime's own set; the others are ONNX's. */
const MICROSOFT = 'com.microsoft';
const MICROSOFT_OPS: ReadonlySet<string> = new Set(['MatMulNBits', 'GatherBlockQuantized']);

type Bytes = Uint8Array;
const UTF8 = new TextEncoder();

/** Base-128 varint; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(out);
}

function join(parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const int = (field: number, value: number) => join([varint((field << 3) | VARINT), varint(value)]);
const bytes = (field: number, value: Bytes) =>
  join([varint((field << 3) | LENGTH_DELIMITED), varint(value.length), value]);
const text = (field: number, value: string) => bytes(field, UTF8.encode(value));
const message = (field: number, parts: readonly Bytes[]) => bytes(field, join(parts));
const packed = (field: number, values: readonly number[]) => message(field, values.map(varint));
function float(field: number, value: number): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setFloat32(0, value, true);
  return join([varint((field << 3) | FIXED32), out]);
}

/** AttributeProto: name 1, f 2, i 3, ints 8, type 20. */
function attribute(name: string, a: AttributeValue): Bytes[] {
  switch (a.kind) {
    case 'float':
      return [text(1, name), float(2, a.value), int(20, 1)];
    case 'int':
      return [text(1, name), int(3, a.value), int(20, 2)];
    case 'ints':
      return [text(1, name), packed(8, a.value), int(20, 7)];
  }
}

/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. */
function node(n: NodeRecord): Bytes[] {
  return [
    ...n.inputs.map((name) => text(1, name)),
    ...n.outputs.map((name) => text(2, name)),
    text(3, n.outputs[0] ?? n.op),
    text(4, n.op),
    ...Object.entries(n.attributes).map(([name, value]) => message(5, attribute(name, value))),
    ...(MICROSOFT_OPS.has(n.op) ? [text(7, MICROSOFT)] : []),
  ];
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14. */
function tensor(t: TensorRecord): Bytes[] {
  const head = [packed(1, t.shape), int(2, ELEMENT_TYPE[t.type]), text(8, t.name)];
  if (t.data.kind === 'inline') return [...head, bytes(9, t.data.bytes)];
  const entry = (key: string, value: string) => message(13, [text(1, key), text(2, value)]);
  const { path, length } = t.data;
  return [
    ...head,
    entry('location', path),
    entry('offset', '0'),
    entry('length', String(length)),
    int(14, 1),
  ];
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 } } }. */
function valueInfo(v: ValueRecord): Bytes[] {
  const dim = (d: number | string) => message(1, [typeof d === 'number' ? int(1, d) : text(2, d)]);
  const shape = v.shape === null ? [] : [message(2, v.shape.map(dim))];
  return [text(1, v.name), message(2, [message(1, [int(1, ELEMENT_TYPE[v.type]), ...shape])])];
}

/** ModelProto (IR 10) of one graph in the default operator set and, where it is used, ONNX Runtime's
 *  own. Scalars have shape []. */
export function formatOnnxModel(graph: GraphRecord, opset: number): Uint8Array {
  return join([
    int(1, 10),
    text(2, 'nanoscope'),
    message(7, [
      ...graph.nodes.map((n) => message(1, node(n))),
      text(2, graph.name),
      ...graph.initialisers.map((t) => message(5, tensor(t))),
      ...graph.inputs.map((v) => message(11, valueInfo(v))),
      ...graph.outputs.map((v) => message(12, valueInfo(v))),
    ]),
    message(8, [text(1, ''), int(2, opset)]),
    ...(graph.nodes.some((n) => MICROSOFT_OPS.has(n.op))
      ? [message(8, [text(1, MICROSOFT), int(2, 1)])]
      : []),
  ]);
}
