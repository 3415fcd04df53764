// JSON from files of the Python world: `json.dump` also writes NaN, Infinity and -Infinity, which JSON.parse
// refuses. One reader for all of them, so that an unused number cannot make a whole file unreadable.
import { FormatError } from '../../core/errors';
import { cut, lfsPointer, LFS_POINTER } from './byteRange';

/** JSON as Python's `json` writes and reads it (docs.python.org/3/library/json.html, "Infinite and NaN number
 *  values"): NaN and ±Infinity come back as those numbers. Throws SyntaxError as JSON.parse does. */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const plain = withoutPythonNumbers(text);
    if (plain === null) throw cause;
    return JSON.parse(plain, (_, value: unknown) => PYTHON_NUMBERS.get(value) ?? value);
  }
}

/** The JSON of a user's file. Throws FormatError: empty, cut off, or a Git LFS pointer in its place. */
export function readJson(text: string, fileName: string): unknown {
  if (text.trim() === '') {
    throw new FormatError(`${fileName}: the file is empty; copy or download it again`);
  }
  if (text.startsWith(LFS_POINTER)) throw lfsPointer(fileName);
  try {
    return parsePythonJson(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new FormatError(
      `${fileName}: not valid JSON (${cause instanceof Error ? cut(cause.message) : ''}); it was cut off or edited, copy it again`,
      { cause },
    );
  }
}

/** Strings that stand for the numbers while JSON.parse runs: no program writes such a text. */
const PYTHON_NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['\0NaN', NaN],
  ['\0Infinity', Infinity],
  ['\0-Infinity', -Infinity],
]);
const NAMES = ['NaN', 'Infinity', '-Infinity'];

/** The text with the three names quoted where they stand outside of strings; null where there are none. */
function withoutPythonNumbers(text: string): string | null {
  const parts: string[] = [];
  let copied = 0;
  // Each step jumps to the next place that may matter, so long texts cost one pass.
  const next = /["NI-]/g;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    if (found[0] === '"') {
      next.lastIndex = endOfString(text, found.index);
      continue;
    }
    const name = NAMES.find((word) => text.startsWith(word, found.index));
    if (name === undefined) continue;
    parts.push(text.slice(copied, found.index), `"\\u0000${name}"`);
    copied = found.index + name.length;
    next.lastIndex = copied;
  }
  return parts.length === 0 ? null : parts.join('') + text.slice(copied);
}

/** Index after the closing quote of the string that begins at `start`, or the text's end. */
function endOfString(text: string, start: number): number {
  const stop = /["\\]/g;
  stop.lastIndex = start + 1;
  for (let found = stop.exec(text); found !== null; found = stop.exec(text)) {
    if (found[0] === '"') return found.index + 1;
    stop.lastIndex = found.index + 2;
  }
  return text.length;
}
