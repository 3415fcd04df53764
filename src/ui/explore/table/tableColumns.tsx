// The columns of the table of features: title, width, cell content. The store knows their sort keys.
import type { CountedUnit } from '../../parts/feature/nameText';
import type { ReactNode } from 'react';
import {
  BRUSHED,
  type Brushed,
  type ExtraColumn,
  type SortColumn,
} from '../../../core/share/tableShare';
import { featureName, firesOnText, type FeatureName } from '../../../core/statistics/featureName';
import type { LabelGuess } from '../../../core/statistics/latentLabel';
import type { LatentRow } from '../../../engine/statistics/api';
import type { TextValues } from '../../../store/explore/textValues';
import type { RowNotes } from '../../../store/statistics/rowNotes';
import { nameSource, scoreText } from '../../parts/feature/nameText';
import { count, measure, percent } from '../../parts/text/numberText';
import { chipGlyphs } from '../../parts/tokens/tokenText';
import { scoreSentence } from '../guessText';
import wordStyles from '../../parts/look/words.module.css';
import { StarButton } from '../StarButton';

/** What cells need besides their row. */
export type CellFacts = {
  notes: RowNotes;
  found: TextValues | null;
  /** null: there are none */
  guesses: readonly LabelGuess[] | null;
};

export type TableColumn = {
  id: SortColumn;
  title: string;
  /** explanation of the title, shown on hover */
  help: string;
  /** px; a column that grows has at least as much */
  width: number;
  /** share of the room that is left */
  grows?: number;
  isText?: boolean;
  cell: (row: LatentRow, facts: CellFacts) => ReactNode;
  /** full text or precision, shown on hover */
  full?: (row: LatentRow, facts: CellFacts) => string | null;
};

const isDead = (row: LatentRow) => row.fireCount === 0;
const digits = (value: number | null | undefined) => value?.toString() ?? null;

function nameOf({ latentIndex, firesOn }: LatentRow, { notes, guesses }: CellFacts): FeatureName {
  const label = notes.get(latentIndex)?.label;
  return featureName({ latentIndex, label, guess: guesses?.[latentIndex], firesOn });
}

const ALWAYS: readonly TableColumn[] = [
  {
    id: 'starred',
    title: '★',
    help: 'Starred by you',
    width: 36,
    isText: true,
    cell: ({ latentIndex }, { notes }) => (
      <StarButton
        latentIndex={latentIndex}
        isStarred={notes.get(latentIndex)?.isStarred === true}
      />
    ),
  },
  {
    id: 'index',
    title: '#',
    help: 'Number in the dictionary, from 0',
    width: 52,
    cell: (row) => row.latentIndex,
  },
  {
    id: 'label',
    title: 'Name',
    help: 'Your label, else a guess, else what it fires on',
    width: 120,
    grows: 3,
    isText: true,
    cell: (row, facts) => {
      const { text, source } = nameOf(row, facts);
      const isOwn = source === 'label' || source === 'guess';
      return isOwn ? text : <span className={wordStyles.muted}>{text}</span>;
    },
    full: (row, facts) => {
      const name = nameOf(row, facts);
      return [name.text, nameSource(name)].filter((part) => part !== '').join(', ');
    },
  },
  {
    id: 'fireson',
    title: 'Fires on',
    help: 'The words on which it fires most, weighted by activation',
    width: 96,
    grows: 2,
    isText: true,
    cell: (row) => (isDead(row) ? '–' : firesOnText(row.firesOn)),
    full: (row) => firesOnText(row.firesOn),
  },
];

const MEASURED: readonly TableColumn[] = [
  {
    id: 'density',
    title: 'Density',
    help: 'Share of {units} on which it fires',
    width: 80,
    cell: (row) => (isDead(row) ? 'dead' : percent(row.density)),
    full: (row) => digits(row.density),
  },
  {
    id: 'maxact',
    title: 'Max',
    help: 'Largest activation seen',
    width: 72,
    cell: (row) => (isDead(row) ? '–' : measure(row.maxAct)),
    full: (row) => digits(row.maxAct),
  },
];

const IN_TEXT: TableColumn = {
  id: 'intext',
  title: 'In text',
  help: 'In the text you searched by, ranked as chosen above',
  width: 76,
  cell: (row, { found }) => measure(found?.get(row.latentIndex) ?? null),
  full: (row, { found }) => digits(found?.get(row.latentIndex)),
};

/** In the order of EXTRA_COLUMNS. */
const EXTRA: readonly (TableColumn & { id: ExtraColumn })[] = [
  {
    id: 'score',
    title: 'Score',
    help: 'How well its guessed name predicts it on unseen text; 1 is perfect',
    width: 68,
    cell: (row, { guesses }) => scoreText(guesses?.[row.latentIndex]?.score ?? null),
    full: (row, { guesses }) => {
      const guess = guesses?.[row.latentIndex];
      return guess === undefined ? null : scoreSentence(guess);
    },
  },
  {
    id: 'fires',
    title: 'Fires',
    help: 'Number of {units} on which it fired',
    width: 76,
    cell: (row) => measure(row.fireCount),
    full: (row) => count(row.fireCount),
  },
  {
    id: 'meanact',
    title: 'Mean',
    help: 'Mean activation over the {units} on which it fires',
    width: 76,
    cell: (row) => (isDead(row) ? '–' : measure(row.meanAct)),
    full: (row) => digits(row.meanAct),
  },
  {
    id: 'kurt',
    title: 'Kurtosis',
    help: 'How rare and strong its strongest firings are: 0 as for a normal distribution',
    width: 80,
    cell: (row) => measure(row.kurtosis),
    full: (row) => digits(row.kurtosis),
  },
  {
    id: 'cosine',
    title: 'Nearest',
    help: 'How alike the closest other direction is (1 is the same), and whose it is',
    width: 112,
    cell: (row) =>
      row.neighbourCosine === null
        ? '–'
        : `${measure(row.neighbourCosine)} (${row.neighbourIndex ?? '?'})`,
    full: (row) => digits(row.neighbourCosine),
  },
  {
    id: 'token',
    title: 'Promotes',
    help: 'The token that its direction promotes most',
    width: 112,
    isText: true,
    cell: (row) => (row.topToken === null ? '–' : chipGlyphs(row.topToken)),
  },
  {
    id: 'birth',
    title: 'Birth',
    help: 'Saved training step from which its direction stayed near the final one',
    width: 80,
    cell: ({ birthStep = null }) => (birthStep === null ? '–' : count(birthStep)),
  },
  {
    id: 'state',
    title: 'State',
    help: 'Of the {units} of the statistics. Dead: fires on none. Dense: fires on more than 10 %.',
    width: 72,
    isText: true,
    cell: (row) => (isDead(row) ? 'dead' : row.isAlwaysOn ? 'dense' : 'live'),
  },
];

export type ColumnChoice = { id: ExtraColumn; title: string; help: string };

/** What can be added to the table; birth steps only where they are known. */
export function extraColumns(hasBirths: boolean, unit: CountedUnit): readonly ColumnChoice[] {
  return EXTRA.filter(({ id }) => hasBirths || id !== 'birth').map((column) =>
    inUnit(column, unit),
  );
}

export function tableColumns(o: {
  /** where there is no room for names and words beside each other, names say it */
  isNarrow: boolean;
  isTextSearched: boolean;
  hasBirths: boolean;
  extra: readonly ExtraColumn[];
  /** of the statistics */
  unit: CountedUnit;
}): TableColumn[] {
  const columns = [
    ...ALWAYS.filter(({ id }) => id !== 'fireson' || !o.isNarrow),
    ...(o.isTextSearched ? [IN_TEXT] : []),
    ...MEASURED,
    ...EXTRA.filter(({ id }) => o.extra.includes(id) && (o.hasBirths || id !== 'birth')),
  ];
  return columns.map((column) => inUnit(column, o.unit));
}

/** Help says {units} for what the statistics counted. */
function inUnit<T extends { help: string }>(column: T, unit: CountedUnit): T {
  return { ...column, help: column.help.replaceAll('{units}', `${unit}s`) };
}

/** The column's key as a brush, if it has one. */
export function brushOf({ id }: TableColumn): Brushed | null {
  return BRUSHED.find((key) => key === id) ?? null;
}
