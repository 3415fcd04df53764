// Characters that a reader cannot see, or that change how the text around them is shown, made visible. One
// place decides which they are, for tokens, labels, file names and everything that is exported.

/** Controls, formats (zero-width, bidirectional, tags), separators and spaces other than U+0020, whatever
 *  Unicode lets a renderer ignore, lone surrogates, and code points without a meaning (UAX #44). */
const UNSEEN =
  /(?![ \n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;
/** The joiner and the selector that make one picture of several code points. */
const PICTURE =
  /\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*(?:\u{200D}\p{Extended_Pictographic}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*)*/gu;

/** The text with every such character as a sign: ␀ to ␟ and ␡ for ASCII's controls, ⟨U+200B⟩ for the others.
 *  Spaces, line breaks and tabs stay; so do joiners inside a picture such as a family emoji. */
export function visibleText(text: string): string {
  let out = '';
  let from = 0;
  for (const { 0: picture, index } of text.matchAll(PICTURE)) {
    out += text.slice(from, index).replace(UNSEEN, signOf) + picture;
    from = index + picture.length;
  }
  return out + text.slice(from).replace(UNSEEN, signOf);
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+2400 and on: the Control Pictures block mirrors the first 32 codes.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
