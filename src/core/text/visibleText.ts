// Characters that a reader cannot see, or that change how the text around them is shown, made visible. One
// place decides which they are, for tokens, labels, file names and everything that is exported.

/** Controls, formats (zero-width, bidirectional, tags), separators and spaces other than U+0020, whatever
 *  Unicode lets a renderer ignore, lone surrogates, and code points without a meaning (UAX #44). */
const UNSEEN =
  /(?![ \n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;
/** Joiners that a script needs between its letters, such as Persian's zero-width non-joiner. */
const SPELLING =
  /(?<=[\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}])[\u200C\u200D](?=[\p{L}\p{M}])/gu;
/** The joiner and the selector that make one picture of several code points. */
const PICTURE =
  /\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*(?:\u{200D}\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*)*/gu;

/** The text with every such character as a sign: ␀ to ␟ and ␡ for ASCII's controls, ⟨U+200B⟩ for the others.
 *  Spaces, line breaks and tabs stay; so do joiners inside a picture such as a family emoji, and between
 *  letters of a script that is spelled with them. */
export function visibleText(text: string): string {
  let out = '';
  let from = 0;
  const kept = [...text.matchAll(PICTURE), ...text.matchAll(SPELLING)];
  for (const { 0: whole, index } of kept.sort((a, b) => a.index - b.index)) {
    out += text.slice(from, index).replace(UNSEEN, signOf) + whole;
    from = index + whole.length;
  }
  return out + text.slice(from).replace(UNSEEN, signOf);
}

/** The same for a dense row: line breaks become ↵ without a break, tabs ⇥. */
export function lineGlyphs(text: string): string {
  return visibleText(text).replaceAll('\n', '↵').replaceAll('\t', '⇥');
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+2400 and on: the Control Pictures block mirrors the first 32 codes.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
