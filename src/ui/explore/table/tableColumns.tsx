// The columns of the latent table: title, width, cell content. The store knows their sort keys.
import type { ReactNode } from 'react';
import type { SortColumn } from '../../../core/share/shareState';
import type { LabelGuess } from '../../../core/statistics/latentLabel';
import type { LatentRow } from '../../../engine/statistics/api';
import type { RowNotes } from '../../../store/statistics/rowNotes';
import type { TextValues } from '../../../store/explore/textValues';
import { count, measure, percent } from '../../parts/numberText';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { scoreText } from '../../parts/feature/nameText';
import { guessText, scoreSentence } from '../guessText';
import { StarButton } from '../StarButton';

/** What cells need besides their row. */
export type CellFacts = {
  notes: RowNotes;
  found: TextValues | null;
  /** null: there are none */
  guesses: readonly LabelGuess[] | null;
};

export type TableColumn = {
  /** guesses cannot be sorted */
  id: SortColumn | 'guess';
  title: string;
  /** explanation of the title, shown on hover */
  help: string;
  /** a grid track */
  width: string;
  isText?: boolean;
  cell: (row: LatentRow, facts: CellFacts) => ReactNode;
  /** full precision, shown on hover */
  full?: (row: LatentRow, facts: CellFacts) => string | null;
};

const isDead = (row: LatentRow) => row.fireCount === 0;
const digits = (value: number | null | undefined) => value?.toString() ?? null;

const STAR: TableColumn = {
  id: 'starred',
  title: '★',
  help: 'Starred by you',
  width: '36px',
  isText: true,
  cell: (row, { notes }) => (
    <StarButton
      latentIndex={row.latentIndex}
      isStarred={notes.get(row.latentIndex)?.isStarred === true}
    />
  ),
};

const INDEX: TableColumn = {
  id: 'index',
  title: 'Index',
  help: 'Place in the dictionary, from 0',
  width: '58px',
  cell: (row) => row.latentIndex,
};

const LABEL: TableColumn = {
  id: 'label',
  title: 'Label',
  help: 'What you, or a guess, call it',
  width: 'minmax(96px, 1fr)',
  isText: true,
  cell: (row, { notes }) => notes.get(row.latentIndex)?.label ?? '',
  full: (row, { notes }) => notes.get(row.latentIndex)?.label ?? null,
};

const GUESS: TableColumn = {
  id: 'guess',
  title: 'Guess',
  help: 'Guessed label and how well it predicts held-out activations; cannot be sorted',
  width: 'minmax(150px, 2fr)',
  isText: true,
  cell: (row, { guesses }) => {
    const guess = guesses?.[row.latentIndex];
    if (guess === undefined || guess.text === null) return '–';
    return `${guessText(guess)} (${scoreText(guess.score)})`;
  },
  full: (row, { guesses }) => {
    const guess = guesses?.[row.latentIndex];
    return guess === undefined ? null : scoreSentence(guess);
  },
};

const IN_TEXT: TableColumn = {
  id: 'intext',
  title: 'In text',
  help: 'In the text you searched by, ranked as chosen above',
  width: '72px',
  cell: (row, { found }) => measure(found?.get(row.latentIndex) ?? null),
  full: (row, { found }) => digits(found?.get(row.latentIndex)),
};

const MEASURED: readonly TableColumn[] = [
  {
    id: 'density',
    title: 'Density',
    help: 'Share of tokens on which it fires',
    width: '82px',
    cell: (row) => (isDead(row) ? 'dead' : percent(row.density)),
    full: (row) => digits(row.density),
  },
  {
    id: 'maxact',
    title: 'Max act',
    help: 'Largest activation seen',
    width: '74px',
    cell: (row) => (isDead(row) ? '–' : measure(row.maxAct)),
    full: (row) => digits(row.maxAct),
  },
  {
    id: 'token',
    title: 'Top token',
    help: 'Token that its direction promotes most, direct path only',
    width: 'minmax(96px, 1fr)',
    isText: true,
    cell: (row) => (row.topToken === null ? '–' : chipGlyphs(row.topToken)),
  },
  {
    id: 'meanact',
    title: 'Mean act',
    help: 'Mean activation over the tokens on which it fires',
    width: '78px',
    cell: (row) => (isDead(row) ? '–' : measure(row.meanAct)),
    full: (row) => digits(row.meanAct),
  },
  {
    id: 'kurt',
    title: 'Kurtosis',
    help: 'Excess kurtosis of its activations, given that it fires',
    width: '76px',
    cell: (row) => measure(row.kurtosis),
    full: (row) => digits(row.kurtosis),
  },
  {
    id: 'cosine',
    title: 'Nearest',
    help: 'Best cosine with another decoder direction, and whose',
    width: '112px',
    cell: (row) =>
      row.neighbourCosine === null ? '–' : `${measure(row.neighbourCosine)} (${neighbour(row)})`,
    full: (row) => digits(row.neighbourCosine),
  },
  {
    id: 'fires',
    title: 'Fires',
    help: 'Tokens on which it fired',
    width: '70px',
    cell: (row) => measure(row.fireCount),
    full: (row) => count(row.fireCount),
  },
];

const BIRTH: TableColumn = {
  id: 'birth',
  title: 'Birth',
  help: 'Saved training step from which its direction stayed near the final one',
  width: '76px',
  cell: ({ birthStep = null }) => (birthStep === null ? '–' : count(birthStep)),
};

const STATE: TableColumn = {
  id: 'state',
  title: 'State',
  help: 'Of the tokens of the statistics. Dead: fires on none. Dense: fires on more than 10 %.',
  width: '84px',
  isText: true,
  cell: (row) => (isDead(row) ? 'dead' : row.isAlwaysOn ? 'dense' : 'live'),
};

function neighbour({ neighbourIndex }: LatentRow): string {
  return neighbourIndex === null ? '?' : String(neighbourIndex);
}

/** Columns that have content. */
export function tableColumns(
  { found, guesses }: Omit<CellFacts, 'notes'>,
  hasBirths: boolean,
): TableColumn[] {
  return [
    STAR,
    INDEX,
    LABEL,
    ...(guesses === null ? [] : [GUESS]),
    ...(found !== null ? [IN_TEXT] : []),
    ...MEASURED,
    ...(hasBirths ? [BIRTH] : []),
    STATE,
  ];
}
