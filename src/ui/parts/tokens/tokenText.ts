// Makes token text safe and visible: control and bidirectional characters become glyphs, whitespace
// that would be invisible gets a sign.
import { lineGlyphs, visibleText } from '../../../core/text/visibleText';

/** Text for running prose: line breaks stay real, after a ↵. */
export function proseGlyphs(text: string): string {
  return visibleText(text).replaceAll('\n', '↵\n');
}

/** Text for a lone token: its spaces at either end are dots, so that none is invisible. */
export function chipGlyphs(text: string): string {
  return lineGlyphs(text).replace(/^ +| +$/g, (spaces) => '·'.repeat(spaces.length));
}

/** A token's name for screen readers. */
export function spokenToken(text: string): string {
  return `“${chipGlyphs(text)}”`;
}
