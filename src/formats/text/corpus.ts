// Text corpora as files: JSON Lines with one document a line. Splitting and packing is in `core/text/corpus`.
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';
import { parsePythonJson } from '../archives/json';

/** Receives the documents that a reader finds. */
export type DocumentSink = {
  /** Takes a document; returns false when it needs no more. */
  add: (text: string) => boolean;
  /** Counts a document that has no text. */
  skip: () => void;
};

/** The documents of a .jsonl file, in order; empty lines are skipped.
 *  Throws FormatError naming the first bad line (counted from 1) and what is wrong with it. */
export function parseJsonl(text: string, key = 'text'): string[] {
  const docs: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() !== '') {
      const doc = documentOfLine(line, { number: index + 1, key, what: 'corpus' });
      if (doc !== null) docs.push(doc);
    }
  }
  if (docs.length === 0) {
    throw new FormatError(
      `corpus: no documents; expected one JSON object a line with the key ${quote(key)}`,
    );
  }
  return docs;
}

/** The text of one line; null where its value is null, which is how datasets write a missing text. number: of
 *  the line, from 1; what: names the file in errors. Throws FormatError, which lists the object's keys. */
export function documentOfLine(
  line: string,
  { number, key, what }: { number: number; key: string; what: string },
): string | null {
  let value: unknown;
  try {
    value = parsePythonJson(line);
  } catch (cause) {
    throw new FormatError(
      `${what}: line ${number} is not JSON (${quote(line)}); expected one object a line, such as {${quote(key)}: "…"}`,
      { cause },
    );
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const doc = isObject ? (value as Record<string, unknown>)[key] : undefined;
  if (doc === null) return null;
  if (!isObject || typeof doc !== 'string' || !Object.hasOwn(value as object, key)) {
    const keys = isObject
      ? Object.keys(value as object)
          .slice(0, 10)
          .map(quote)
      : [];
    throw new FormatError(
      `${what}: line ${number} has no text under ${quote(key)}${keys.length > 0 ? ` (its keys: ${keys.join(', ')})` : ''}; choose the key that holds the text`,
    );
  }
  return doc;
}
