// Bytes of a token for the eye: characters where they are whole, ⟨E2 80⟩ where they are not. For
// display only: it cannot be decoded back.

/** Valid UTF-8 as text; other bytes, and control characters but tab and line breaks, as ⟨hex⟩, a run of
 *  them in one pair of brackets. */
export function printableBytes(bytes: Uint8Array): string {
  let text = '';
  let pending: string[] = [];
  const flush = () => {
    if (pending.length > 0) text += `⟨${pending.join(' ')}⟩`;
    pending = [];
  };
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at);
    if (character === null) {
      pending.push(bytes[at]!.toString(16).toUpperCase().padStart(2, '0'));
      at += 1;
    } else {
      flush();
      text += character;
      at += utf8Length(bytes[at]!);
    }
  }
  flush();
  return text;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The printable character that begins here, or null. */
function characterAt(bytes: Uint8Array, at: number): string | null {
  const length = utf8Length(bytes[at]!);
  if (length === 0 || at + length > bytes.length) return null;
  try {
    const character = UTF8.decode(bytes.subarray(at, at + length));
    return /[^\P{Cc}\t\n\r]/u.test(character) ? null : character;
  } catch {
    return null;
  }
}

/** Length announced by a lead byte; 0 for a byte that begins nothing. */
function utf8Length(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc0) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
