// Files of the DELTA encodings as pyarrow writes them are in parquetCorpus.test; here are those that lie.
import { describe, expect, it } from 'vitest';
import { checkDeltaTexts } from '../../../../src/formats/text/parquetDelta';

/** Two numbers, 3 and 5, in one block of 128 in 4 parts: first value 3 (zigzag 6), least delta 2. */
const THREE_AND_FIVE = [0x80, 0x01, 4, 2, 6, 4, 0, 0, 0, 0];
const ZEROS = [0x80, 0x01, 4, 2, 0, 0, 0, 0, 0, 0];
const check = (bytes: number[], hasPrefixes = false, room = 1000) => {
  checkDeltaTexts(Uint8Array.from(bytes), { start: 0, count: 2, hasPrefixes, room });
};
const text = (length: number) => new Array<number>(length).fill(65);

describe('texts with their lengths as deltas', () => {
  it('pass where they lie in their page', () => {
    expect(() => check([...THREE_AND_FIVE, ...text(8)])).not.toThrow();
    expect(() => check([...ZEROS, ...THREE_AND_FIVE, ...text(8)], true)).not.toThrow();
  });

  it.each<[string, number[], boolean, string]>([
    ['texts beyond their page', [...THREE_AND_FIVE, ...text(7)], false, '8 bytes of text in 7'],
    ['another number of texts', [0x80, 0x01, 4, 3, 6, 4, 0, 0, 0, 0], false, '3 numbers for 2'],
    ['a block of nothing', [0, 4, 2, 6, 4, 0, 0, 0, 0], false, 'in blocks of 0'],
    ['no parts', [0x80, 0x01, 0, 2, 6, 4], false, 'and 0 parts'],
    [
      'a block that walks backwards',
      [0xff, 0xff, 0xff, 0xff, 0x0f, 4, 2, 6, 4],
      false,
      'in blocks of',
    ],
    ['a negative length', [0x80, 0x01, 4, 2, 1, 0, 0, 0, 0, 0], false, 'text 0 of -1 bytes'],
    [
      'a prefix longer than the text before',
      [...THREE_AND_FIVE, ...THREE_AND_FIVE, ...text(8)],
      true,
      'after 3 of the 0 before',
    ],
  ])('are refused with %s', (_, bytes, hasPrefixes, sentence) => {
    expect(() => check(bytes, hasPrefixes)).toThrow(sentence);
  });

  it('are refused where prefixes make them too long', () => {
    // Prefix lengths 0 and 3, suffix lengths 3 and 5: 3 + 8 bytes.
    const prefixes = [0x80, 0x01, 4, 2, 0, 6, 0, 0, 0, 0];
    const bytes = [...prefixes, ...THREE_AND_FIVE, ...text(8)];
    expect(() => check(bytes, true, 11)).not.toThrow();
    expect(() => check(bytes, true, 10)).toThrow('11 bytes of text; at most 10');
  });
});
