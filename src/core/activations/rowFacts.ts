// What one row of another tool's activations stands for, and what it is called.
import { cutCharacters } from '../text/cutCharacters';

export type RowFacts = {
  /** its number in the matrix, from 0 */
  row: number;
  /** text, image, audio; of others the label alone is shown */
  kind: string;
  /** which document, picture or recording: of image and audio a file's path in the zip */
  ref?: string | undefined;
  /** what a person would call it; of a text, the text itself */
  label: string;
  /** of a text: the characters of the label that the row is about, [from, to) */
  span?: [number, number] | undefined;
  /** of an image: x, y, width, height in pixels */
  box?: [number, number, number, number] | undefined;
  /** of audio: seconds, [from, to] */
  time?: [number, number] | undefined;
};

/** source: where its `ref` can be loaded from, a data: or blob: address; null: there is none */
export type ShownRow = { facts: RowFacts; source: string | null };

/** Of a row that no list describes. */
export function plainRow(row: number): RowFacts {
  return { row, kind: 'row', label: '' };
}

/** Characters of a name, since many are kept. */
const NAME_CHARACTERS = 48;

/** What it is called in a list of words: the part that it is about, its label, or its number. */
export function rowName({ row, label, span }: RowFacts): string {
  const part = span === undefined ? label : label.slice(span[0], span[1]);
  return part.trim() === '' ? `row ${row}` : cutCharacters(part, NAME_CHARACTERS);
}

const MEDIA: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
};

/** Of a picture or a recording that pages show, by its name; null: another file. */
export function mediaType(path: string): string | null {
  return MEDIA[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}
