// The parts of the tokenizer one by one: split pattern, merging of long pieces, text for the eye.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../../src/core/errors';
import { mergeLongPiece } from '../../../src/model/longPiece';
import { compileSplitPattern } from '../../../src/model/splitPattern';
import { printableBytes } from '../../../src/model/tokenText';

const split = (pattern: string, text: string) => text.match(compileSplitPattern(pattern)) ?? [];

describe('compileSplitPattern', () => {
  it('never gives back what a possessive quantifier took', () => {
    expect(split('a++b?|b', 'aab')).toEqual(['aab']);
    // Greedy would give one a back and match; possessive cannot.
    expect(split('a++ab|b', 'aaab')).toEqual(['b']);
    expect(split('a+ab|b', 'aaab')).toEqual(['aaab']);
    expect(split('(?:ab)?+abc|c', 'abc')).toEqual(['c']);
    expect(split('[ab]{1,2}+b|c', 'abbc')).toEqual(['abb', 'c']);
    expect(split('[ab]{1,2}+b|c', 'abc')).toEqual(['c']);
  });

  it('folds case as Rust does inside (?i:…) only', () => {
    expect(split("'(?i:[sk]|ll)|[^']+", "'S'ſ'LL'K'K")).toEqual(["'S", "'ſ", "'LL", "'K", "'K"]);
    expect(split('(?i:a)b', 'AB Ab ab')).toEqual(['Ab', 'ab']);
  });

  it('means White_Space by \\s: with U+0085, without U+FEFF', () => {
    expect(split('\\s+', 'a\u0085\u00a0b\uFEFFc\u3000')).toEqual(['\u0085\u00a0', '\u3000']);
    expect(split('[^\\s]+|\\S', '\uFEFF\u0085')).toEqual(['\uFEFF']);
    expect(split('\\pL+', 'aé1')).toEqual(['aé']);
  });

  it.each([
    ['\\w+', '\\w'],
    ['\\d', '\\d'],
    ['\\bx', '\\b'],
    ['^a', '^'],
    ['a$', '$'],
    ['a.b', '.'],
    ['(a)', 'a group'],
    ['(?<n>a)', 'a group'],
    ['(?i)a', 'a group'],
    ['(?:a', 'a group without its closing parenthesis'],
    ['a)', 'an unmatched closing parenthesis'],
    ['[a', 'a set without its closing bracket'],
    ['[a[b]]', 'a set inside a set'],
    ['[a&&b]', 'a set inside a set'],
    ['(?i:[a-z])', 'a range without case'],
    ['[]', 'an empty set'],
    ['*a', 'a quantifier'],
    ['a**', 'a quantifier'],
    ['a|*', 'a quantifier'],
    ['a{2,1}', 'not understood'],
    ['\\p{Nonsense}', 'not understood'],
    ['(?:a+)+b', 'a repeated group'],
    ['(?:a|a)*b', 'a repeated group'],
    ['(?:a?){9}b', 'a repeated group'],
    ['(?:(?:a|b))++', 'a repeated group'],
    ['a*a*a*b', 'more than 2 unbounded'],
    ['a?a?a?a?a?b', 'more than 2 unbounded or 4 bounded'],
  ])('refuses %s', (pattern, sentence) => {
    expect(() => compileSplitPattern(pattern)).toThrow(FormatError);
    expect(() => compileSplitPattern(pattern)).toThrow(sentence);
  });
});

describe('known patterns', () => {
  // GPT-2's, GPT-4's, GPT-4o's and nanochat's shapes: what people's tokenizers have is read.
  it.each([
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,2}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
    "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++(?!\\S)|\\s",
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{M}]*[\\p{Ll}\\p{M}]+(?i:'s|'t|'re)?|\\p{N}{1,3}|\\s*[\\r\\n]+|\\s+",
  ])('reads %s', (pattern) => {
    expect(split(pattern, "Don't stop 123 now\n  ").join('')).toBe("Don't stop 123 now\n  ");
  });
});

describe('mergeLongPiece', () => {
  /** The definition: again and again the leftmost pair of lowest rank. */
  function naive(piece: string, ranks: ReadonlyMap<string, number>): number[] {
    const parts = piece.split('');
    for (;;) {
      const pairs = parts.slice(1).map((part, i) => ranks.get(parts[i]! + part) ?? Infinity);
      const best = Math.min(...pairs);
      if (best === Infinity) return parts.map((part) => ranks.get(part)!);
      const at = pairs.indexOf(best);
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
  }

  it('merges as the definition says, for any ranks', () => {
    const letters = fc.constantFrom('a', 'b', 'c');
    const piece = fc.string({ unit: letters, maxLength: 60 });
    const merges = fc.uniqueArray(fc.string({ unit: letters, minLength: 2, maxLength: 6 }), {
      maxLength: 25,
    });
    const same = fc.property(piece, merges, (text, words) => {
      const ranks = new Map(['a', 'b', 'c', ...words].map((word, i) => [word, i]));
      expect(mergeLongPiece(text, (key) => ranks.get(key))).toEqual(naive(text, ranks));
    });
    fc.assert(same, { numRuns: 500, seed: 9 });
  });
});

describe('printableBytes', () => {
  const bytes = (...values: number[]) => printableBytes(Uint8Array.from(values));
  it.each<[number[], string]>([
    [[], ''],
    [[0x20, 0x61], ' a'],
    [[0x0a, 0x0d, 0x09], '\n\r\t'],
    [[0xe2, 0x80], '⟨E2 80⟩'],
    [[0x61, 0xe2, 0x80, 0x62, 0xff], 'a⟨E2 80⟩b⟨FF⟩'],
    [[0xe2, 0x80, 0x93], '–'],
    [[0xf0, 0x9f, 0x92, 0xa1, 0x93], '💡⟨93⟩'],
    [[0x00, 0x1b, 0x7f], '⟨00 1B 7F⟩'],
    [[0xc2, 0x85], '⟨C2 85⟩'],
    [[0xed, 0xa0, 0x80], '⟨ED A0 80⟩'],
    [[0xc0, 0x80], '⟨C0 80⟩'],
    [[0xef, 0xbb, 0xbf], '\uFEFF'],
  ])('shows %j as %j', (values, text) => {
    expect(bytes(...values)).toBe(text);
  });
});
