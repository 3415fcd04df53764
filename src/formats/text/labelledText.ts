// The user's own labelled examples: .jsonl with a text and a label field, for probing. Splits them by a
// hash of their text, so that a repeated document is never on both sides.
import { cutCharacters } from '../../core/text/cutCharacters';
import { splitFewDocuments } from '../../core/text/corpus';
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';
import { parsePythonJson } from '../archives/json';
import { documentOfLine } from './corpus';

export type LabelledDocument = { text: string; label: string };

export type LabelledText = {
  /** sorted; index = class */
  labels: string[];
  train: LabelledDocument[];
  test: LabelledDocument[];
};

/** Most labels in a file: each is probed against the rest. */
const MAX_LABELS = 20;
/** Fewest documents of each label. */
const MIN_PER_LABEL = 10;
const TEST_FRACTION = 0.25;

/** Throws FormatError naming the line, the field and the bound. */
export function parseLabelledText(
  jsonl: string,
  o: { textField: string; labelField: string },
): LabelledText {
  const documents = jsonl
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, i) => {
      const read = line.trim() === '' ? null : readLine(line, i + 1, o);
      return read === null ? [] : [read];
    });
  const perLabel = new Map<string, number>();
  for (const { label } of documents) perLabel.set(label, (perLabel.get(label) ?? 0) + 1);
  const labels = [...perLabel.keys()].sort();
  if (labels.length < 2 || labels.length > MAX_LABELS) {
    throw new FormatError(
      `labels: ${labels.length} different values under ${quote(o.labelField)}; probing needs 2 to ${MAX_LABELS}`,
    );
  }
  for (const [label, count] of perLabel) {
    if (count < MIN_PER_LABEL) {
      throw new FormatError(
        `labels: ${quote(label)} has ${count} documents; each label needs at least ${MIN_PER_LABEL}`,
      );
    }
  }
  const { heldOut } = splitFewDocuments(
    documents.map(({ text }) => text),
    TEST_FRACTION,
  );
  const isTest = new Set(heldOut);
  return {
    labels,
    train: documents.filter(({ text }) => !isTest.has(text)),
    test: documents.filter(({ text }) => isTest.has(text)),
  };
}

function readLine(
  line: string,
  number: number,
  o: { textField: string; labelField: string },
): LabelledDocument | null {
  const text = documentOfLine(line, { number, key: o.textField, what: 'labelled text' });
  if (text === null) return null;
  const fields = parsePythonJson(line) as Record<string, unknown>;
  const label = Object.hasOwn(fields, o.labelField) ? fields[o.labelField] : undefined;
  if (typeof label !== 'string' && typeof label !== 'number' && typeof label !== 'boolean') {
    const keys = Object.keys(fields).slice(0, 10).map(quote).join(', ');
    throw new FormatError(
      `labelled text: line ${number} has no label under ${quote(o.labelField)} (its keys: ${keys}); choose the key that holds the label`,
    );
  }
  return { text, label: cutCharacters(String(label), 60) };
}
