// A user's own text as documents: .txt, .md, .jsonl and .parquet files, or a folder of them. Files are read
// in pieces, up to a limit; beyond it, only pieces spread evenly over all files are read. Tokens, and which
// documents are held out, are not known here.
import { FormatError } from '../../core/errors';
import { quote, readRange } from '../archives/byteRange';
import { documentOfLine, type DocumentSink } from './corpus';
import { parquetTextBytes, readParquetColumn } from './parquetCorpus';
import { spreadPieces } from '../archives/spread';

export type TextFile = { path: string; blob: Blob };

export type TextDocuments = {
  /** none of them blank; files in the order of their paths */
  documents: string[];
  /** UTF-16 code units over all documents */
  characters: number;
  /** sentences that say what was left out and why */
  notes: string[];
};

export type TextLimits = {
  /** reading stops at the document that reaches this limit */
  characters: number;
  documents: number;
};

/** About ten million tokens: a tab can hold them twice, as text and as token ids. */
const TEXT_LIMITS: TextLimits = { characters: 40_000_000, documents: 2_000_000 };

/** A text longer than this becomes several documents, whatever file it came in, cut at line ends: the
 *  held-out split is by document, and one long document could not be on both sides. UTF-16 code units. */
export const PLAIN_PIECE = 4096;

/** Most characters in one line; a longer one is not text. */
const LONGEST_LINE = 16_000_000;

const EXTENSIONS = ['txt', 'md', 'jsonl', 'parquet'] as const;
type Extension = (typeof EXTENSIONS)[number];

/** Reads files of the known kinds, in the order of their paths; the others are left out and noted.
 *  field: key of .jsonl objects, column of .parquet tables.
 *  Throws FormatError naming the file and, for a wrong field, the fields that it has. */
export async function readTextFiles(
  files: readonly TextFile[],
  o: {
    field: string;
    limits?: TextLimits;
    onBytes?: (done: number, total: number) => Promise<void> | void;
  },
): Promise<TextDocuments> {
  const limits = o.limits ?? TEXT_LIMITS;
  const known = files.filter(({ path }) => !isHidden(path) && extensionOf(path) !== null);
  if (known.length === 0) {
    const names = files.slice(0, 5).map(({ path }) => quote(path));
    throw new FormatError(
      `text: no ${EXTENSIONS.map((name) => `.${name}`).join(', ')} file among ${files.length} (${names.join(', ')}); choose text files or a folder of them`,
    );
  }
  known.sort((a, b) => (a.path < b.path ? -1 : 1));
  const found = collect(limits);
  const total = known.reduce((sum, { blob }) => sum + blob.size, 0);
  // UTF-8 has at least as many bytes as the text has UTF-16 units, so a file within the limit is read whole.
  let textBytes = 0;
  for (const file of known) textBytes += await textBytesOf(file, o.field);
  const share = Math.min(1, limits.characters / Math.max(1, textBytes));
  let before = 0;
  let read = 0;
  for (const file of known) {
    if (found.isFull()) break;
    const sink = found.sink;
    await readOne(file, { field: o.field, share }, sink, (done) =>
      o.onBytes?.(before + done, total),
    );
    before += file.blob.size;
    read++;
  }
  const { documents, characters } = found;
  if (documents().length === 0) {
    throw new FormatError(
      `text: ${quote(known[0]!.path)} and the rest hold no text; choose others`,
    );
  }
  const notes: string[] = [];
  if (found.skipped() > 0) notes.push(skipNote(found.skipped()));
  const left = files.length - known.length;
  if (left > 0) notes.push(`${left} ${left === 1 ? 'file' : 'files'} of other kinds left out.`);
  if (share < 1) notes.push(shareNote(share, textBytes));
  else if (found.isFull()) notes.push(limitNote(limits, read, known.length));
  return { documents: documents(), characters: characters(), notes };
}

/** Pasted text as a plain text file would be read. Throws FormatError if it is blank. */
export async function readPastedText(text: string, limits = TEXT_LIMITS): Promise<TextDocuments> {
  const found = collect(limits);
  // Read like a file, so that pasted and dropped text give the same documents.
  await readPlain(new Blob([text]), 'pasted text', found.sink, () => undefined);
  if (found.documents().length === 0) throw new FormatError('text: it is blank; paste some text');
  const notes = found.isFull() ? [limitNote(limits, 1, 1)] : [];
  return { documents: found.documents(), characters: found.characters(), notes };
}

/** Unpacked bytes of text in a file. */
function textBytesOf({ path, blob }: TextFile, field: string): Promise<number> | number {
  return extensionOf(path) === 'parquet'
    ? parquetTextBytes(blob, { field, what: path })
    : blob.size;
}

function shareNote(share: number, textBytes: number): string {
  const percent = (100 * share).toLocaleString('en', { maximumSignificantDigits: 2 });
  const megabytes = (textBytes / 1e6).toLocaleString('en', { maximumSignificantDigits: 3 });
  return `About ${percent} % of the ${megabytes} MB of text is used: pieces spread evenly over every file. The rest is not read.`;
}

function skipNote(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'} without text left out.`;
}

function limitNote(limits: TextLimits, read: number, files: number): string {
  const where = files > 1 ? ` in file ${read} of ${files}` : '';
  const characters = limits.characters.toLocaleString('en');
  const documents = limits.documents.toLocaleString('en');
  return `Reading stopped${where}: the limit is ${characters} characters (about a quarter as many tokens) or ${documents} documents.`;
}

function collect(limits: TextLimits) {
  const documents: string[] = [];
  let characters = 0;
  let skipped = 0;
  const isFull = () => characters >= limits.characters || documents.length >= limits.documents;
  const take = (text: string): boolean => {
    if (isFull()) return false;
    const whole = text.slice(0, placeBeforePair(text, limits.characters - characters));
    documents.push(whole);
    characters += whole.length;
    return !isFull();
  };
  const sink: DocumentSink = {
    add(text) {
      if (isFull()) return false;
      if (text.trim() === '') return true;
      if (text.length <= PLAIN_PIECE) return take(text);
      const pieces = makePlainSplitter({ add: take, skip: () => undefined });
      const lines = text.split('\n');
      const isWanted = lines.every((line, i) =>
        pieces.text(i === lines.length - 1 ? line : `${line}\n`),
      );
      if (isWanted) pieces.end();
      return !isFull();
    },
    skip: () => {
      skipped++;
    },
  };
  return {
    sink,
    isFull,
    documents: () => documents,
    characters: () => characters,
    skipped: () => skipped,
  };
}

/** `length` or one less, so that a cut there leaves a surrogate pair whole. */
function placeBeforePair(text: string, length: number): number {
  const isInside = length < text.length && /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return isInside ? length - 1 : length;
}

function extensionOf(path: string): Extension | null {
  const end = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return EXTENSIONS.find((name) => name === end) ?? null;
}

/** Files that file managers leave in folders. */
function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

async function readOne(
  { path, blob }: TextFile,
  { field, share }: { field: string; share: number },
  sink: DocumentSink,
  onBytes: (done: number) => Promise<void> | void,
): Promise<void> {
  switch (extensionOf(path)) {
    case 'parquet':
      return readParquetColumn(blob, { field, what: path, share, onBytes }, sink);
    case 'jsonl':
      return forEachPiece({ path, blob }, { share, isCut: false }, onBytes, (piece, what, told) =>
        readJsonl(piece, what, field, sink, told),
      );
    case 'txt':
    case 'md':
    case null:
      return forEachPiece({ path, blob }, { share, isCut: true }, onBytes, (piece, what, told) =>
        readPlain(piece, what, sink, told),
      );
  }
}

type OnBytes = (done: number) => Promise<void> | void;

/** The whole file, or its pieces one after the other; an error then names the byte a piece begins at. */
async function forEachPiece(
  { path, blob }: TextFile,
  o: { share: number; isCut: boolean },
  onBytes: OnBytes,
  read: (piece: Blob, what: string, onBytes: OnBytes) => Promise<void>,
): Promise<void> {
  if (o.share === 1) return read(blob, path, onBytes);
  const spread = { ...o, what: path, longestLine: LONGEST_LINE };
  for await (const { from, piece } of spreadPieces(blob, spread)) {
    const what = from === 0 ? path : `${path} from byte ${from}`;
    await read(piece, what, (done) => onBytes(from + done));
  }
}

async function readJsonl(
  blob: Blob,
  path: string,
  field: string,
  sink: DocumentSink,
  onBytes: (done: number) => Promise<void> | void,
): Promise<void> {
  let number = 0;
  await forEachLine(blob, path, onBytes, (line, isWhole) => {
    number++;
    if (!isWhole) {
      throw new FormatError(`${path}: line ${number} is longer than ${LONGEST_LINE} characters`);
    }
    if (line.trim() === '') return true;
    const text = documentOfLine(line, { number, key: field, what: path });
    if (text !== null && text.trim() !== '') return sink.add(text);
    sink.skip();
    return true;
  });
}

async function readPlain(
  blob: Blob,
  path: string,
  sink: DocumentSink,
  onBytes: (done: number) => Promise<void> | void,
): Promise<void> {
  const splitter = makePlainSplitter(sink);
  await forEachLine(blob, path, onBytes, (line, isWhole) => splitter.line(line, isWhole));
  splitter.end();
}

/** Documents of a plain text, separated by a form feed or by a line that is <|endoftext|>; one longer
 *  than PLAIN_PIECE is cut at the last line end (or space) before that length. */
function makePlainSplitter(sink: DocumentSink) {
  let held = '';
  const flush = (): boolean => {
    const text = held;
    held = '';
    return sink.add(text);
  };
  const append = (text: string): boolean => {
    if (held.length > 0 && held.length + text.length > PLAIN_PIECE && !flush()) return false;
    held += text;
    while (held.length > PLAIN_PIECE) {
      const cut = cutPlace(held);
      const rest = held.slice(cut);
      held = held.slice(0, cut);
      if (!flush()) return false;
      held = rest;
    }
    return true;
  };
  return {
    /** Text in which only its length makes a cut. */
    text: append,
    line(line: string, isWhole: boolean): boolean {
      if (line.trim() === '<|endoftext|>') return flush();
      const [first = '', ...others] = line.split('\f');
      if (!append(others.length === 0 && isWhole ? `${first}\n` : first)) return false;
      return others.every((part, i) => {
        const isLast = i === others.length - 1;
        return flush() && append(isLast && isWhole ? `${part}\n` : part);
      });
    },
    end: () => void flush(),
  };
}

function cutPlace(text: string): number {
  const space = text.lastIndexOf(' ', PLAIN_PIECE - 1);
  return space > PLAIN_PIECE / 2 ? space + 1 : placeBeforePair(text, PLAIN_PIECE);
}

/** Lines of UTF-8 text, without their ends; a line longer than LONGEST_LINE comes in parts that are not
 *  whole. Stops when `visit` returns false. Throws FormatError if the bytes are not UTF-8. */
async function forEachLine(
  blob: Blob,
  path: string,
  onBytes: (done: number) => Promise<void> | void,
  visit: (line: string, isWhole: boolean) => boolean,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const PORTION = 1 << 20;
  let held = '';
  for (let start = 0; start < blob.size; start += PORTION) {
    const isLast = start + PORTION >= blob.size;
    const bytes = await readRange(blob, start, Math.min(blob.size, start + PORTION), path);
    const lines = (held + decode(decoder, bytes, !isLast, path)).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) if (!visit(line.replace(/\r$/, ''), true)) return;
    if (held.length > LONGEST_LINE) {
      if (!visit(held, false)) return;
      held = '';
    }
    await onBytes(Math.min(blob.size, start + PORTION));
  }
  if (held !== '') visit(held.replace(/\r$/, ''), true);
}

function decode(decoder: TextDecoder, bytes: Uint8Array, stream: boolean, path: string): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (cause) {
    throw new FormatError(`${path}: not UTF-8 text; save it as UTF-8 and try again`, {
      cause,
    });
  }
}
