import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { parseTokenizerPickle } from '../../../../src/formats/model/tokenizerPickle';
import { p, tokenizerPickle } from '../archives/pickleBuilder';
import { concat, little } from '../archives/zipBuilder';

const refusal = (bytes: Uint8Array) => {
  try {
    parseTokenizerPickle(bytes, 'tokenizer.pkl');
    return 'read';
  } catch (error) {
    return error instanceof FormatError ? error.message : `not ours: ${String(error)}`;
  }
};

/** mergeable_ranks of one token, which is as long as a book. */
function megabyteToken(): Uint8Array {
  const length = 1 << 20;
  const token = concat(Uint8Array.of(0x42), little([4, length]), new Uint8Array(length));
  const fields = ['name', 'pat_str'].flatMap((name) => [p.shortText(name), p.shortText('x')]);
  return concat(
    ...[p.proto(4), p.shortText('tiktoken.core'), p.shortText('Encoding'), p.stackGlobal],
    ...[p.emptyTuple, p.newObject, p.emptyDict, p.mark, ...fields],
    ...[p.shortText('mergeable_ranks'), p.emptyDict, p.mark, token, p.int(0), p.setItems],
    ...[p.shortText('special_tokens'), p.emptyDict, p.setItems, p.build, p.stop],
  );
}

describe('parseTokenizerPickle', () => {
  it('reads the tokenizer of the demo', () => {
    const file = parseTokenizerPickle(readFileSync('public/demo/nanochat-d4/tokenizer.pkl'), 't');
    expect(file.name).toBe('rustbpe');
    expect(file.patStr).toContain('\\p{N}{1,2}');
    expect(file.ranks.length).toBe(4087);
    expect(file.ranks.map(([, rank]) => rank)).toEqual(Array.from({ length: 4087 }, (_, i) => i));
    expect(new TextDecoder().decode(file.ranks[4086]![0])).toBe(' wings');
    expect(Object.fromEntries(file.specialTokens)).toEqual({
      '<|bos|>': 4087,
      '<|user_start|>': 4088,
      '<|user_end|>': 4089,
      '<|assistant_start|>': 4090,
      '<|assistant_end|>': 4091,
      '<|python_start|>': 4092,
      '<|python_end|>': 4093,
      '<|output_start|>': 4094,
      '<|output_end|>': 4095,
    });
  });

  it.each<[string, Uint8Array, string]>([
    ['another class', tokenizerPickle({ className: 'Decoding' }), '"tiktoken.core.Decoding"'],
    ['a rank given twice', tokenizerPickle({ ranks: [[[97, 98], 5]] }), 'two tokens have the id 5'],
    [
      'a token given twice',
      tokenizerPickle({ ranks: [[[97], 256]] }),
      'the token "a" appears twice',
    ],
    ['a negative rank', tokenizerPickle({ ranks: [[[97, 98], -1]] }), 'from 0 to 1000000: -1'],
    ['an empty token', tokenizerPickle({ ranks: [[[], 256]] }), 'not made of 1 to 4096 bytes'],
    ['a token of a megabyte', megabyteToken(), 'not made of 1 to 4096 bytes'],
    [
      'a special token with the id of a rank',
      tokenizerPickle({ special: [['<|bos|>', 97]] }),
      'two tokens have the id 97',
    ],
    [
      'a special token twice',
      tokenizerPickle({
        special: [
          ['a', 300],
          ['a', 301],
        ],
      }),
      'appears twice',
    ],
    ['a pickle cut in the middle', concat(tokenizerPickle({}).subarray(0, 60), p.stop), 'refused'],
    ['a torch pickle', concat(p.proto(2), p.emptyDict, p.stop), 'protocol 2, expected 4 or 5'],
    [
      'a dictionary',
      concat(p.proto(4), p.emptyDict, p.stop),
      'does not contain a tiktoken.core.Encoding',
    ],
    [
      'an Encoding without state',
      concat(
        p.proto(4),
        p.shortText('tiktoken.core'),
        p.shortText('Encoding'),
        p.stackGlobal,
        p.emptyTuple,
        p.newObject,
        p.stop,
      ),
      'does not contain a tiktoken.core.Encoding',
    ],
    ['a call', concat(p.proto(4), p.global('os', 'system')), 'opcode GLOBAL'],
    [
      'a call of the new kind',
      concat(p.proto(4), p.shortText('os'), p.shortText('system'), p.stackGlobal),
      '"os.system"',
    ],
  ])('refuses %s', (_, bytes, sentence) => {
    expect(refusal(bytes)).toContain(sentence);
  });

  it('refuses ranks in which a byte has none', () => {
    const state = concat(
      ...[p.proto(4), p.shortText('tiktoken.core'), p.shortText('Encoding'), p.stackGlobal],
      ...[p.emptyTuple, p.newObject, p.emptyDict, p.mark],
      ...[p.shortText('name'), p.shortText('x'), p.shortText('pat_str'), p.shortText('x')],
      ...[p.shortText('mergeable_ranks'), p.emptyDict, p.shortText('special_tokens'), p.emptyDict],
      ...[p.setItems, p.build, p.stop],
    );
    expect(refusal(state)).toContain('0 of the 256 single bytes');
  });
});
