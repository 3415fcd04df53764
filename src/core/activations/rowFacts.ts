// What one row of another tool's activations stands for. Types only.

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

/** source: the file of its `ref` as a data: address; null: there is none */
export type ShownRow = { facts: RowFacts; source: string | null };
