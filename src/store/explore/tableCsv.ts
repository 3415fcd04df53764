// The rows that the table shows, in its order, as CSV (RFC 4180): every digit, empty cells for what is unknown,
// and no text that a spreadsheet would run.
import { featureName } from '../../core/statistics/featureName';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import type { LatentRow } from '../../engine/statistics/api';
import type { RowNotes } from '../statistics/rowNotes';
import type { TextValues } from './textValues';

type Cell = string | number | null;

const COLUMNS: readonly [name: string, cell: (row: LatentRow) => Cell][] = [
  ['index', (row) => row.latentIndex],
  ['density', (row) => row.density],
  ['fire_count', (row) => row.fireCount],
  ['max_act', (row) => row.maxAct],
  ['mean_act_given_firing', (row) => row.meanAct],
  ['excess_kurtosis_given_firing', (row) => row.kurtosis],
  ['nearest_cosine', (row) => row.neighbourCosine],
  ['nearest_index', (row) => row.neighbourIndex],
  ['top_logit_token', (row) => row.topToken],
  ['state', (row) => (row.fireCount === 0 ? 'dead' : row.isAlwaysOn ? 'dense' : 'live')],
];

const BIRTH: (typeof COLUMNS)[number] = ['birth_step', (row) => row.birthStep ?? null];

type CsvFacts = {
  notes: RowNotes;
  /** null: there are none */
  guesses: readonly LabelGuess[] | null;
  /** null: no text was searched by */
  found: TextValues | null;
};

export function tableCsv(rows: readonly LatentRow[], { notes, guesses, found }: CsvFacts): string {
  const name = ({ latentIndex, firesOn }: LatentRow) => {
    const label = notes.get(latentIndex)?.label;
    return featureName({ latentIndex, label, guess: guesses?.[latentIndex], firesOn }).text;
  };
  const columns: (typeof COLUMNS)[number][] = [
    ...COLUMNS,
    ['name', name],
    ['fires_on', (row) => row.firesOn.join(' ')],
    ...(rows.some((row) => row.birthStep !== undefined) ? [BIRTH] : []),
    ...(notes.size === 0 ? [] : noteColumns(notes)),
    ...(found === null ? [] : [textColumn(found)]),
  ];
  const lines = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, at]) => at(row))),
  ];
  return BOM + lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function noteColumns(notes: RowNotes): typeof COLUMNS {
  return [
    ['label', (row) => notes.get(row.latentIndex)?.label ?? null],
    ['starred', (row) => Number(notes.get(row.latentIndex)?.isStarred ?? false)],
  ];
}

function textColumn(found: TextValues): [string, (row: LatentRow) => Cell] {
  return ['in_text', (row) => found.get(row.latentIndex) ?? null];
}

/** Excel takes a file without it for the system's own encoding. */
const BOM = '\uFEFF';
/** A text that a spreadsheet would run as a formula (OWASP, "CSV Injection"); a number is none. */
const FORMULA = /^[=+\-@\t\r]/;

function quoted(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
