// A graph under construction: operators as functions over value names, each name assigned once, weights
// by reference to the checkpoint. It knows ONNX operators, not nanochat and not how a graph is run.
import { invariant } from '../../core/errors';
import type { WeightForm } from '../../core/model/weightPrecision';
import { weightBytes } from '../../core/model/weightPrecision';
import type { AttributeValue, NodeRecord, ValueRecord } from './protobuf';

/** Values of a checkpoint tensor, row-major, from element `start`, `length` of them. */
export type WeightRange = { tensor: string; start: number; length: number };

/** Values of the checkpoint, the ranges one after another, in a form; the scales of a quantised one by its
 *  name; or int64 / f32 constants. */
export type Initialiser =
  | { kind: 'weights'; shape: readonly number[]; parts: readonly WeightRange[]; form: WeightForm }
  | { kind: 'scales'; shape: readonly number[]; of: string }
  | { kind: 'float32'; shape: readonly number[]; values: Float32Array }
  | { kind: 'int64'; shape: readonly number[]; values: readonly number[] };

export type GraphNode = NodeRecord & {
  /** cheap and computed from inputs and initialisers only: a segment recomputes it instead of receiving it */
  replicable: boolean;
};

/** Nodes in an order in which they can run. Every value has one producer. */
export type Graph = {
  nodes: readonly GraphNode[];
  inputs: ReadonlyMap<string, ValueRecord>;
  initialisers: ReadonlyMap<string, Initialiser>;
};

/** Bytes an initialiser takes where it is computed with; scales count with their weights. */
export function initialiserBytes(initialiser: Initialiser): number {
  switch (initialiser.kind) {
    case 'weights': {
      const values = initialiser.parts.reduce((sum, part) => sum + part.length, 0);
      return weightBytes(values, initialiser.form);
    }
    case 'scales':
      return 0;
    case 'float32':
      return initialiser.values.byteLength;
    case 'int64':
      return 8 * initialiser.values.length;
    default:
      return initialiser satisfies never;
  }
}

type Attributes = Record<string, number | readonly number[]>;

export type GraphBuilder = {
  input: (value: ValueRecord) => string;
  /** shape: of what is stored, codes of a quantised form. Default form f32 */
  weights: (
    name: string,
    shape: readonly number[],
    parts: readonly WeightRange[],
    form?: WeightForm,
  ) => string;
  /** f32 scales of the quantised weights `of` */
  scales: (of: string, shape: readonly number[]) => string;
  /** f32 scalar */
  constant: (value: number) => string;
  /** f32 table; a repeated name refers to the first */
  table: (name: string, shape: readonly number[], values: Float32Array) => string;
  /** int64 vector, as Reshape, Slice and Gather take */
  integers: (values: readonly number[]) => string;
  /** One output, called `name` or a fresh name. Integral attributes are ints, others floats. */
  op: (op: string, inputs: readonly string[], attributes?: Attributes, name?: string) => string;
  /** Every node emitted inside is replicable. */
  replicable: <T>(emit: () => T) => T;
  /** The graph built so far. */
  finish: () => Graph;
};

/** onnx attributes that are floats whatever their value */
const FLOAT_ATTRIBUTES = new Set(['epsilon', 'alpha', 'beta']);

function attributeValue(name: string, value: number | readonly number[]): AttributeValue {
  if (typeof value !== 'number') return { kind: 'ints', value };
  return FLOAT_ATTRIBUTES.has(name) ? { kind: 'float', value } : { kind: 'int', value };
}

export function makeGraphBuilder(): GraphBuilder {
  const nodes: GraphNode[] = [];
  const inputs = new Map<string, ValueRecord>();
  const initialisers = new Map<string, Initialiser>();
  const produced = new Set<string>();
  let isReplicable = false;

  const claim = (name: string) => {
    invariant(!produced.has(name), `value ${name} is assigned twice`);
    produced.add(name);
    return name;
  };
  /** Equal constants share one initialiser, named by their content. */
  const share = (name: string, make: () => Initialiser) => {
    if (!produced.has(name)) initialisers.set(claim(name), make());
    return name;
  };

  return {
    input: (value) => {
      inputs.set(claim(value.name), value);
      return value.name;
    },
    weights: (name, shape, parts, form = 'f32') =>
      share(name, () => ({ kind: 'weights', shape, parts, form })),
    scales: (of, shape) => share(`${of} scales`, () => ({ kind: 'scales', shape, of })),
    constant: (value) =>
      share(`const ${value}`, () => ({
        kind: 'float32',
        shape: [],
        values: Float32Array.of(value),
      })),
    table: (name, shape, values) => share(name, () => ({ kind: 'float32', shape, values })),
    integers: (values) =>
      share(`ints ${values.join(' ')}`, () => ({ kind: 'int64', shape: [values.length], values })),
    op: (op, from, attributes = {}, name = `${op}#${nodes.length}`) => {
      for (const value of from) invariant(produced.has(value), `${name} reads unknown ${value}`);
      const entries = Object.entries(attributes).map(
        ([key, value]) => [key, attributeValue(key, value)] as const,
      );
      nodes.push({
        op,
        inputs: [...from],
        outputs: [claim(name)],
        attributes: Object.fromEntries(entries),
        replicable: isReplicable,
      });
      return name;
    },
    replicable: (emit) => {
      isReplicable = true;
      try {
        return emit();
      } finally {
        isReplicable = false;
      }
    },
    finish: () => ({ nodes, inputs, initialisers }),
  };
}
