// What a plain rule may use: the token, its neighbours, its kind, its position. Each of these sorts the
// tokens of a text into named cells; the rules themselves are in latentLabel.ts. Pure; knows no activations.
import { invariant } from '../errors';

/** Plainest first: kind of token, position, word ignoring case and space, exact token, word before, word
 *  after. */
export const LABEL_KINDS = ['class', 'position', 'word', 'token', 'previous', 'next'] as const;
export type LabelKind = (typeof LABEL_KINDS)[number];

/** Sequences of equal length, one after the other. */
export type LabelText = {
  /** [T] */
  tokenIds: ArrayLike<number>;
  /** T is a multiple of it */
  contextSize: number;
  /** [n] tokens that count (not special), ascending */
  counted: Uint32Array;
};

type CellView = {
  /** [T]; −1 where the token has none */
  cellOf: Int32Array;
  /** counted tokens in each cell; cells named later count 0 */
  sizeOf: (cell: number) => number;
};
export type LabelCells = { counted: number; views: Readonly<Record<LabelKind, CellView>> };

/** A piece of another text, whose position in that text is not known. */
export type LabelExample = { tokenIds: readonly number[]; acts: readonly number[] };

export type CellIndexer = {
  /** The cell of each token of a piece; −1 where it has none. */
  cellsOf: (kind: LabelKind, tokenIds: readonly number[]) => Int32Array;
  index: (text: LabelText) => LabelCells;
  nameOf: (kind: LabelKind, cell: number) => string;
};

/** Texts indexed by the same indexer share their cells. textOf: a token's printable text. */
export function makeCellIndexer(textOf: (tokenId: number) => string): CellIndexer {
  const tables = new Map(
    LABEL_KINDS.map((kind) => [kind, { cells: new Map<string, number>(), names: [] as string[] }]),
  );
  const tableOf = (kind: LabelKind) => {
    const table = tables.get(kind);
    invariant(table !== undefined, `no cells of kind ${kind}`);
    return table;
  };
  const cellOf = (kind: LabelKind, name: string): number => {
    const { cells, names } = tableOf(kind);
    const known = cells.get(name);
    if (known !== undefined) return known;
    cells.set(name, names.length);
    names.push(name);
    return names.length - 1;
  };
  return {
    cellsOf: (kind, tokenIds) =>
      Int32Array.from(tokenIds, (_, t) => {
        if (kind === 'position') return -1;
        const name = cellName(kind, { tokenIds, contextSize: tokenIds.length }, t, textOf);
        return name === null ? -1 : cellOf(kind, name);
      }),
    nameOf: (kind, cell) => tableOf(kind).names[cell] ?? '',
    index: (text) => {
      const { counted } = text;
      const view = (kind: LabelKind): CellView => {
        const cells = new Int32Array(text.tokenIds.length).fill(-1);
        for (const t of counted) {
          const name = cellName(kind, text, t, textOf);
          if (name !== null) cells[t] = cellOf(kind, name);
        }
        const sizes = new Uint32Array(tableOf(kind).names.length);
        for (const t of counted) if (cells[t] !== -1) sizes[cells[t]!]!++;
        return { cellOf: cells, sizeOf: (cell) => sizes[cell] ?? 0 };
      };
      const views = Object.fromEntries(LABEL_KINDS.map((kind) => [kind, view(kind)]));
      return { counted: counted.length, views: views as LabelCells['views'] };
    },
  };
}

function cellName(
  kind: LabelKind,
  { tokenIds, contextSize }: Pick<LabelText, 'tokenIds' | 'contextSize'>,
  t: number,
  textOf: (tokenId: number) => string,
): string | null {
  const place = t % contextSize;
  const own = textOf(tokenIds[t]!);
  switch (kind) {
    case 'token':
      return own;
    case 'word':
      return wordOf(own);
    case 'class':
      return classOf(own);
    case 'previous':
      return place === 0 ? null : wordOf(textOf(tokenIds[t - 1]!));
    case 'next':
      return place === contextSize - 1 ? null : wordOf(textOf(tokenIds[t + 1]!));
    case 'position':
      return placeName(place);
    default:
      return kind satisfies never;
  }
}

/** Without the space before it, in lower case. */
function wordOf(text: string): string {
  const word = text.trim().toLowerCase();
  return word === '' ? text : word;
}

/** In words that read well in a label. */
function classOf(text: string): string {
  if (/^\s*[\r\n]\s*$/.test(text)) return 'line breaks';
  if (/^\s+$/.test(text)) return 'white space';
  if (/^\s*\d+$/.test(text)) return 'numbers';
  if (/^\s*[\p{P}\p{S}]+\s*$/u.test(text)) return 'punctuation';
  if (/^ ?\p{Lu}/u.test(text)) return 'capitalised words';
  if (/^ \p{L}/u.test(text)) return 'beginnings of words';
  if (/^\p{L}/u.test(text)) return 'inner parts of words';
  return 'other tokens';
}

/** The first places one by one, then in widening ranges. Place 0 is <|bos|>'s. */
function placeName(place: number): string {
  if (place <= 4) return `token ${place} of a text`;
  const from = 2 ** Math.floor(Math.log2(place - 1)) + 1;
  return `tokens ${from} to ${2 * (from - 1)} of a text`;
}
