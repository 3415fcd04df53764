// Tokens as running text. A byte-level tokenizer splits characters over tokens, and a lone token shows
// such bytes as ⟨C3⟩; in prose the bytes that make a character are shown as that character. Pure.

/** What one token adds to running text. */
export type RunningText = {
  /** the token's text; empty for a token that only goes on with a character of an earlier one */
  text: string;
  /** the character whose bytes this token only goes on with, null for every other token */
  continues: string | null;
};

/** Bytes that a lone token cannot show as a character, as the tokenizer's tokenText writes them. */
const BYTES = /⟨([0-9A-F]{2}(?: [0-9A-F]{2})*)⟩/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `texts` of tokens in a row, as tokenText writes them: a character that several tokens make stands with
 *  the first of them, and bytes that make none stay ⟨hex⟩. Each token's text depends on its neighbours only. */
export function runningTexts(texts: readonly string[]): RunningText[] {
  const units = texts.flatMap(unitsOf);
  const out = texts.map((): RunningText => ({ text: '', continues: null }));
  for (let i = 0; i < units.length;) {
    const { token, value } = units[i]!;
    const character = typeof value === 'number' ? characterAt(units, i) : null;
    if (character === null) {
      const [shown, used] = typeof value === 'number' ? bytesAt(units, i) : [value, 1];
      out[token]!.text += shown;
      i += used;
      continue;
    }
    out[token]!.text += character.text;
    for (const { token: other } of units.slice(i, i + character.length))
      if (other > token) out[other]!.continues = character.text;
    i += character.length;
  }
  for (const each of out) if (each.text !== '') each.continues = null;
  return out;
}

/** The tokens' text in one piece. */
export function joinTokens(texts: readonly string[]): string {
  return runningTexts(texts)
    .map(({ text }) => text)
    .join('');
}

/** A byte that is no character by itself, or text. */
type Unit = { token: number; value: number | string };

function unitsOf(text: string, token: number): Unit[] {
  // The capture group makes every second piece a list of bytes.
  return text.split(BYTES).flatMap((piece, i): Unit[] => {
    if (i % 2 === 1) return piece.split(' ').map((hex) => ({ token, value: parseInt(hex, 16) }));
    return piece === '' ? [] : [{ token, value: piece }];
  });
}

/** The character that begins at units[i], if the bytes from there make one over more than one token. */
function characterAt(units: readonly Unit[], i: number): { text: string; length: number } | null {
  const lead = units[i]!.value as number;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const parts = units.slice(i, i + length);
  if (length === 0 || parts.length < length || parts[0]!.token === parts[length - 1]!.token) {
    return null;
  }
  const bytes = parts.map(({ value }) => value);
  if (!bytes.every((byte) => typeof byte === 'number')) return null;
  try {
    return { text: UTF8.decode(Uint8Array.from(bytes)), length };
  } catch {
    return null;
  }
}

/** The bytes of one token from units[i] on, up to one that begins a character, as ⟨hex⟩. */
function bytesAt(units: readonly Unit[], i: number): [text: string, used: number] {
  const { token } = units[i]!;
  let end = i;
  do end += 1;
  while (
    units[end]?.token === token &&
    typeof units[end]!.value === 'number' &&
    characterAt(units, end) === null
  );
  const hex = units
    .slice(i, end)
    .map(({ value }) => value.toString(16).toUpperCase().padStart(2, '0'));
  return [`⟨${hex.join(' ')}⟩`, end - i];
}
