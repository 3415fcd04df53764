// What tells one text from another: its name, how it begins, and the hash over its documents. It reads no file.
import { cutCharacters } from '../../core/text/cutCharacters';
import { visibleText } from '../../core/text/visibleText';
import { sha256Hex } from '../../storage/storage';
import type { CorpusSource } from './api';

const SAMPLE_CHARACTERS = 280;

/** A single file's name, the folder of several files, or a description; never `taken`. */
export function nameOf(source: Exclude<CorpusSource, { kind: 'demo' }>, taken: string): string {
  if (source.kind === 'self') return 'self';
  if (source.kind === 'paste') return 'pasted';
  const [first, ...others] = source.files.map(({ path }) => path.split('/'));
  if (first === undefined) return 'files';
  if (others.length === 0) return textName(first.at(-1) ?? 'file', taken);
  const isFolder = first.length > 1 && others.every(([folder]) => folder === first[0]);
  return isFolder ? textName(first[0] ?? '', taken) : `${others.length + 1}-files`;
}

/** Suitable for an id. */
export function textName(name: string, taken: string): string {
  const short = cutCharacters(visibleText(name).replaceAll('~', '-'), 60);
  return short === '' || short === taken ? `text-${short}` : short;
}

export function sampleOf(documents: readonly string[]): string {
  const first = (documents[0] ?? '').trim();
  return first.length <= SAMPLE_CHARACTERS ? first : `${cutCharacters(first, SAMPLE_CHARACTERS)}…`;
}

/** First 12 hex digits of the SHA-256 over the documents in order, as JSON, hashed in portions so that no
 *  second copy of the whole text is needed. */
export async function hashDocuments(documents: readonly string[]): Promise<string> {
  const PORTION = 1 << 22;
  const encoder = new TextEncoder();
  const hashes: string[] = [];
  let held: string[] = [];
  let characters = 0;
  const flush = async () => {
    hashes.push(await sha256Hex(encoder.encode(JSON.stringify(held))));
    held = [];
    characters = 0;
  };
  for (const document of documents) {
    held.push(document);
    characters += document.length;
    if (characters >= PORTION) await flush();
  }
  await flush();
  return (await sha256Hex(encoder.encode(hashes.join(',')))).slice(0, 12);
}
