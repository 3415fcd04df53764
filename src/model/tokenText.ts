// Bytes of a token for display: whole characters as text, partial ones as ⟨E2 80⟩. For
// display only: it cannot be decoded back.

/** Valid UTF-8 as text; other bytes, and control characters except tab and line breaks, as ⟨hex⟩, a run of
 *  them in one pair of brackets. */
export function printableBytes(bytes: Uint8Array): string {
  let text = '';
  let pending: string[] = [];
  const flush = () => {
    if (pending.length > 0) text += `⟨${pending.join(' ')}⟩`;
    pending = [];
  };
  for (let offset = 0; offset < bytes.length;) {
    const character = characterAt(bytes, offset);
    if (character === null) {
      pending.push(bytes[offset]!.toString(16).toUpperCase().padStart(2, '0'));
      offset += 1;
    } else {
      flush();
      text += character;
      offset += utf8Length(bytes[offset]!);
    }
  }
  flush();
  return text;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The printable character that begins here, or null. */
function characterAt(bytes: Uint8Array, offset: number): string | null {
  const length = utf8Length(bytes[offset]!);
  if (length === 0 || offset + length > bytes.length) return null;
  try {
    const character = UTF8.decode(bytes.subarray(offset, offset + length));
    return /[^\P{Cc}\t\n\r]/u.test(character) ? null : character;
  } catch {
    return null;
  }
}

/** Length announced by a lead byte; 0 for any other byte. */
function utf8Length(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc0) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
