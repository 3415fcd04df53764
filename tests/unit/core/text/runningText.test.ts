import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinTokens, runningTexts } from '../../../../src/core/text/runningText';
import { parseTokenizerPickle } from '../../../../src/formats/model/tokenizerPickle';
import { makeTokenizer } from '../../../../src/model/tokenizer';

const text = (shown: string) => ({ text: shown, continues: null });
const rest = (continues: string) => ({ text: '', continues });

describe('runningTexts (7.27)', () => {
  it('shows a character with the first token that makes it', () => {
    expect(runningTexts(['caf', '⟨C3⟩', '⟨A9⟩', '!'])).toEqual([
      text('caf'),
      text('é'),
      rest('é'),
      text('!'),
    ]);
  });

  it('puts together what begins and ends inside tokens', () => {
    expect(runningTexts(['a⟨F0 9F⟩', '⟨98⟩', '⟨80⟩b'])).toEqual([
      text('a😀'),
      rest('😀'),
      text('b'),
    ]);
  });

  it('takes several characters from one chain of bytes', () => {
    expect(joinTokens(['⟨E4 BD⟩', '⟨A0 E5⟩', '⟨A5 BD⟩'])).toBe('你好');
  });

  it.each([
    ['a lead without its rest', ['⟨C3⟩', 'x'], ['⟨C3⟩', 'x']],
    ['a rest without its lead', ['⟨A9 80⟩', 'x'], ['⟨A9 80⟩', 'x']],
    ['bytes that are never UTF-8', ['⟨C0⟩', '⟨80⟩'], ['⟨C0⟩', '⟨80⟩']],
    ['half of a surrogate pair', ['⟨ED A0⟩', '⟨80⟩'], ['⟨ED A0⟩', '⟨80⟩']],
    ['a lead before a whole character', ['⟨F0 9F C3⟩', '⟨A9⟩'], ['⟨F0 9F⟩é', '']],
    ['a control in one token', ['⟨C2 85⟩'], ['⟨C2 85⟩']],
    ['a special token', ['<|bos|>', '⟨C3⟩', '⟨A9⟩'], ['<|bos|>', 'é', '']],
  ])('keeps bytes that make no character: %s', (_, tokens, shown) => {
    expect(runningTexts(tokens).map((each) => each.text)).toEqual(shown);
  });

  it('is the text that was encoded, by the demo tokenizer', () => {
    const demo = makeTokenizer(
      parseTokenizerPickle(readFileSync('public/demo/nanochat-d4/tokenizer.pkl'), 'tokenizer.pkl'),
    );
    const roundTrip = (typed: string) => joinTokens(demo.encodeOrdinary(typed).map(demo.tokenText));
    expect(roundTrip('café naïve — 你好 👩‍👩‍👧 हिन्दी')).toBe('café naïve — 你好 👩‍👩‍👧 हिन्दी');
    // Controls and characters that mimic the bytes of a lone token stay what the tokenizer shows.
    const plain = fc
      .string({ unit: 'grapheme' })
      .filter((typed) => !/[\p{Cc}⟨⟩]/u.test(typed.replaceAll(/[\t\n\r]/g, '')));
    fc.assert(
      fc.property(plain, (typed) => {
        expect(roundTrip(typed)).toBe(typed);
      }),
    );
  });
});
