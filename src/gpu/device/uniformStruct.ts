// Uniform structs, declared once: fields by name in WGSL's order, packed by WGSL's layout rules for the
// uniform address space. tests/unit/wgsl compares every shader's struct with what is packed for it.
import { invariant } from '../../core/errors';

type Scalar = 'u32' | 'f32';
type Vector = 'vec4<u32>' | 'vec4<f32>';

/** array<vec4<…>, length>, which takes up to 4 · length numbers, or an array of structs. */
type ArrayField = { readonly of: Vector | UniformStruct; readonly length: number };
type Fields = Readonly<Record<string, Scalar | ArrayField>>;

type ValueOf<F> = F extends Scalar
  ? number
  : F extends { readonly of: UniformStruct<infer G> }
    ? readonly Values<G>[]
    : ArrayLike<number>;
type Values<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

/** A field where it lies; offset and size in bytes. */
type UniformMember = {
  name: string;
  offset: number;
  size: number;
  /** of an array: its element and the bytes from one to the next */
  element?: { of: Vector | UniformStruct; stride: number };
  scalar?: Scalar;
};

export type UniformStruct<F extends Fields = Fields> = {
  fields: F;
  members: readonly UniformMember[];
  byteLength: number;
};

/** Key order is field order. A struct that is an array's element starts at multiples of 16 bytes: in WGSL its
 *  first member takes @align(16). */
export function uniformStruct<const F extends Fields>(fields: F): UniformStruct<F> {
  const members: UniformMember[] = [];
  let end = 0;
  let align = 4;
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field === 'string') {
      members.push({ name, offset: end, size: 4, scalar: field });
      end += 4;
      continue;
    }
    const stride = typeof field.of === 'string' ? 16 : roundUp(field.of.byteLength, 16);
    const offset = roundUp(end, 16);
    const size = stride * field.length;
    members.push({ name, offset, size, element: { of: field.of, stride } });
    end = offset + size;
    align = 16;
  }
  return { fields, members, byteLength: roundUp(end, align) };
}

/** The struct's bytes as 32-bit words. What an array has no values for is 0; more values than it has room for
 *  are an error. */
export function packUniform<F extends Fields>(
  struct: UniformStruct<F>,
  values: NoInfer<Values<F>>,
): Uint32Array {
  const view = new DataView(new ArrayBuffer(struct.byteLength));
  write(view, 0, struct, values);
  return new Uint32Array(view.buffer);
}

function write(view: DataView, at: number, struct: UniformStruct, values: Values<Fields>): void {
  for (const { name, offset, size, element, scalar } of struct.members) {
    const value = values[name];
    if (element === undefined) {
      invariant(typeof value === 'number', `uniform ${name} without a value`);
      writeScalar(view, at + offset, scalar ?? 'u32', value);
      continue;
    }
    const { of, stride } = element;
    const list = value as ArrayLike<number | Values<Fields>>;
    const perItem = typeof of === 'string' ? 4 : stride;
    invariant(list.length * perItem <= size, `uniform ${name}: ${list.length} values`);
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      const place = at + offset + i * perItem;
      if (typeof of !== 'string') write(view, place, of, item as Values<Fields>);
      else writeScalar(view, place, of === 'vec4<u32>' ? 'u32' : 'f32', item as number);
    }
  }
}

function writeScalar(view: DataView, at: number, type: Scalar, value: number): void {
  if (type === 'u32') view.setUint32(at, value, true);
  else view.setFloat32(at, value, true);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
