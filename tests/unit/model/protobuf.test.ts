// The writer's bytes by hand, after onnx.proto. That ONNX Runtime reads whole models, other tests show.
import { expect, it } from 'vitest';
import { formatOnnxModel } from '../../../src/model/onnx/protobuf';

const ascii = (text: string) => Array.from(new TextEncoder().encode(text));

it('writes a model byte for byte', () => {
  const bytes = formatOnnxModel(
    {
      name: 'g',
      nodes: [
        {
          op: 'Foo',
          inputs: ['x', 'w'],
          outputs: ['y'],
          attributes: {
            axis: { kind: 'int', value: -1 },
            eps: { kind: 'float', value: 1 },
            perm: { kind: 'ints', value: [0, 300] },
          },
        },
      ],
      initialisers: [
        {
          name: 'w',
          type: 'float32',
          shape: [2],
          data: { kind: 'inline', bytes: Uint8Array.of(7, 8) },
        },
        { name: 'e', type: 'int64', shape: [], data: { kind: 'external', path: 'p', length: 8 } },
      ],
      inputs: [{ name: 'x', type: 'int32', shape: [3, 'T'] }],
      outputs: [{ name: 'y', type: 'float32', shape: null }],
    },
    23,
  );
  const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  const message = (field: number, ...body: number[]) => [(field << 3) | 2, body.length, ...body];
  const node = message(
    1,
    ...message(1, ...ascii('x')),
    ...message(1, ...ascii('w')),
    ...message(2, ...ascii('y')),
    ...message(3, ...ascii('y')),
    ...message(4, ...ascii('Foo')),
    // type (field 20) is the two-byte key a0 01
    ...message(5, ...message(1, ...ascii('axis')), 0x18, ...minusOne, 0xa0, 0x01, 2),
    ...message(5, ...message(1, ...ascii('eps')), 0x15, 0, 0, 0x80, 0x3f, 0xa0, 0x01, 1),
    ...message(5, ...message(1, ...ascii('perm')), ...message(8, 0, 0xac, 0x02), 0xa0, 0x01, 7),
  );
  const entry = (key: string, value: string) =>
    message(13, ...message(1, ...ascii(key)), ...message(2, ...ascii(value)));
  const graph = [
    ...node,
    ...message(2, ...ascii('g')),
    ...message(5, ...message(1, 2), 0x10, 1, ...message(8, ...ascii('w')), ...message(9, 7, 8)),
    ...message(
      5,
      ...message(1),
      0x10,
      7,
      ...message(8, ...ascii('e')),
      ...entry('location', 'p'),
      ...entry('offset', '0'),
      ...entry('length', '8'),
      0x70,
      1,
    ),
    ...message(
      11,
      ...message(1, ...ascii('x')),
      ...message(
        2,
        ...message(
          1,
          0x08,
          6,
          ...message(2, ...message(1, 0x08, 3), ...message(1, ...message(2, ...ascii('T')))),
        ),
      ),
    ),
    ...message(12, ...message(1, ...ascii('y')), ...message(2, ...message(1, 0x08, 1))),
  ];
  const length = [(graph.length & 0x7f) | 0x80, graph.length >> 7];
  expect([...bytes]).toEqual([
    ...[0x08, 10],
    ...message(2, ...ascii('nanoscope')),
    ...[(7 << 3) | 2, ...length, ...graph],
    ...message(8, ...message(1), 0x10, 23),
  ]);
});
