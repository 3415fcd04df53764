// Token text made safe and visible: control and bidirectional characters become glyphs, whitespace
// that would vanish gets a sign.

const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

/** Text for running prose: line breaks stay real, after a ↵. */
export function proseGlyphs(text: string): string {
  return makeSafe(text).replaceAll('\n', '↵\n');
}

/** Text for a dense row: line breaks become ↵ and break nothing. */
export function lineGlyphs(text: string): string {
  return makeSafe(text).replaceAll('\n', '↵').replaceAll('\t', '⇥');
}

/** Text for a lone token: its spaces at either end are dots, so that none is invisible. */
export function chipGlyphs(text: string): string {
  return lineGlyphs(text).replace(/^ +| +$/g, (spaces) => '·'.repeat(spaces.length));
}

/** How a token is named to those who do not see it. */
export function spokenToken(text: string): string {
  return `“${chipGlyphs(text)}”`;
}

function makeSafe(text: string): string {
  return text
    .replace(CONTROL, (char) => (char === '\u007F' ? '␡' : pictureOf(char)))
    .replace(BIDI, (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

/** U+2400 and on: the Control Pictures block mirrors the first 32 codes. */
function pictureOf(char: string): string {
  return String.fromCodePoint(0x2400 + char.charCodeAt(0));
}
