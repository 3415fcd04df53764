import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseTorchPickle } from '../../../../src/formats/model/torchPickle';
import { p, torchPickle, torchTensor } from '../archives/pickleBuilder';
import { concat } from '../archives/zipBuilder';

const T = { name: 'w', key: '0', elements: 6, shape: [2, 3], strides: [3, 1] };
const refusal = (...parts: Uint8Array[]) => {
  try {
    parseTorchPickle(concat(...parts), 'x.pt');
    return 'read';
  } catch (error) {
    return error instanceof FormatError ? error.message : `not ours: ${String(error)}`;
  }
};

describe('parseTorchPickle', () => {
  it('reads a state dict and drops its _metadata', () => {
    expect([...parseTorchPickle(torchPickle([T]), 'x.pt').tensors]).toEqual([
      [
        'w',
        {
          storageKey: '0',
          dtype: 'f32',
          storageElements: 6,
          offset: 0,
          shape: [2, 3],
          strides: [3, 1],
        },
      ],
    ]);
  });

  it.each([
    ['os', 'system'],
    ['builtins', 'eval'],
    ['torch._utils', '_rebuild_parameter'],
    ['torch', 'ComplexDoubleStorage'],
    ['collections', 'OrderedDict.__init__'],
    ['__main__', 'constructor'],
  ])('names the forbidden %s.%s and runs nothing', (module, name) => {
    const call = concat(p.mark, p.text('echo'), p.tuple, p.reduce);
    const message = refusal(p.proto(2), p.global(module, name), call, p.stop);
    expect(message).toContain(`"${module}.${name}"`);
    expect(message).toContain('nothing in it was run');
  });

  it.each<[string, Uint8Array[], string]>([
    ['protocol 4', [p.proto(4), p.none, p.stop], 'protocol 4, expected 2'],
    ['no protocol', [p.none, p.stop], 'does not start like a pickle'],
    [
      'an opcode of protocol 4',
      [p.proto(2), p.shortText('x'), p.stop],
      'opcode SHORT_BINUNICODE at byte 2',
    ],
    ['an unknown opcode', [p.proto(2), Uint8Array.of(0xff)], 'opcode 0xff'],
    ['INST, the oldest way to call', [p.proto(2), Uint8Array.of(0x69)], 'opcode 0x69'],
    ['an end without STOP', [p.proto(2), p.none], 'cut off at byte 3'],
    [
      'a text longer than the file',
      [p.proto(2), Uint8Array.of(0x58, 255, 255, 255, 255)],
      'cut off',
    ],
    [
      'a text that is not UTF-8',
      [p.proto(2), Uint8Array.of(0x58, 1, 0, 0, 0, 0xff), p.stop],
      'not UTF-8',
    ],
    ['a pop from nothing', [p.proto(2), p.reduce], 'nothing on the stack'],
    ['a tuple without a mark', [p.proto(2), p.tuple], 'no mark'],
    ['a memo that was never kept', [p.proto(2), p.get(7)], 'refers to memo entry 7'],
    [
      'items set on a number',
      [p.proto(2), p.int(1), p.mark, p.int(1), p.int(2), p.setItems],
      'on something that is not a dictionary',
    ],
    [
      'a key without a value',
      [p.proto(2), p.emptyDict, p.mark, p.int(1), p.setItems],
      'on something that is not a dictionary',
    ],
    [
      'a number beyond 2^53',
      [p.proto(2), p.long(255, 255, 255, 255, 255, 255, 255, 127), p.stop],
      'the number 9223372036854776000',
    ],
    ['a number of nine bytes', [p.proto(2), p.long(1, 2, 3, 4, 5, 6, 7, 8, 9), p.stop], '9 bytes'],
    ['values left over', [p.proto(2), p.none, p.none, p.stop], 'left over'],
    [
      'a call with arguments',
      [p.proto(2), p.global('collections', 'OrderedDict'), p.mark, p.int(1), p.tuple, p.reduce],
      'with 1 arguments was refused',
    ],
    [
      'a call of a storage type',
      [p.proto(2), p.global('torch', 'FloatStorage'), p.emptyTuple, p.reduce],
      'a call of torch.FloatStorage',
    ],
    [
      'a state on a tensor',
      [p.proto(2), torchTensor(T), p.none, p.build],
      'a state is set on something that is not a dictionary',
    ],
    [
      'a persistent id that is no storage',
      [p.proto(2), p.text('x'), p.persid],
      'an unsupported storage record',
    ],
  ])('refuses %s', (_, parts, sentence) => {
    expect(refusal(...parts)).toContain(sentence);
  });

  it('stops after a million opcodes', () => {
    const loop = new Uint8Array(1_000_001).fill(0x4e);
    expect(refusal(p.proto(2), loop, p.stop)).toContain('more than 1000000 opcodes');
  });

  it('reads whole numbers as Python writes them', () => {
    const shape = (number: Uint8Array) =>
      refusal(
        p.proto(2),
        p.emptyDict,
        ...[p.mark, p.text('w'), p.global('torch._utils', '_rebuild_tensor_v2'), p.mark],
        ...[
          p.mark,
          p.text('storage'),
          p.global('torch', 'FloatStorage'),
          p.text('0'),
          p.none,
          number,
          p.tuple,
          p.persid,
        ],
        ...[p.int(0), p.mark, p.int(300), p.tuple, p.mark, p.int(1), p.tuple, p.false],
        ...[
          p.global('collections', 'OrderedDict'),
          p.emptyTuple,
          p.reduce,
          p.tuple,
          p.reduce,
          p.setItems,
          p.stop,
        ],
      );
    expect(shape(p.long(44, 1))).toBe('read');
    expect(shape(p.long(43, 1))).toContain('element 299 of a storage of 299');
    expect(shape(p.long(255))).toContain('an unsupported storage record');
    expect(shape(p.float)).toContain('element 299 of a storage of 2;');
  });
});
