import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../../src/core/text/visibleText';

describe('visibleText (7.28)', () => {
  it.each([
    ['a zero-width space', '\u200B', '⟨U+200B⟩'],
    ['a no-break space', '\u00A0', '⟨U+00A0⟩'],
    ['a soft hyphen', '\u00AD', '⟨U+00AD⟩'],
    ['a byte order mark', '\uFEFF', '⟨U+FEFF⟩'],
    ['a line separator', '\u2028', '⟨U+2028⟩'],
    ['a tag character', '\u{E0041}', '⟨U+E0041⟩'],
    ['a control of C1', '\u0085', '⟨U+0085⟩'],
    ['a control of C0', '\u0007', '␇'],
    ['delete', '\u007F', '␡'],
    ['a right-to-left override', 'exe\u202Egnp', 'exe⟨U+202E⟩gnp'],
    ['a joiner by itself', '\u200D', '⟨U+200D⟩'],
    ['a variation selector by itself', '\uFE0F', '⟨U+FE0F⟩'],
    ['a Hangul filler', '\u3164', '⟨U+3164⟩'],
    ['half of a pair', '\uD800', '⟨U+D800⟩'],
    ['a Mongolian vowel separator', '\u180E', '⟨U+180E⟩'],
    ['a joiner hidden in Latin letters', 'pass\u200Cword', 'pass⟨U+200C⟩word'],
    ['an ideographic space', '\u3000', '⟨U+3000⟩'],
  ])('gives %s a sign', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it.each([
    'café naïve',
    '日本語 العربية हिन्दी',
    'a\tb\nc',
    '👨‍👩‍👧 👍🏽 ❤️',
    'e\u0301',
    '—…“”',
    'می\u200Cخواهم',
  ])('leaves %j as it is', (text) => {
    expect(visibleText(text)).toBe(text);
  });
});
