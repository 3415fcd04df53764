// The latents as a virtual grid: only rows in sight are in the document. A click or Enter opens one.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type KeyboardEvent } from 'react';
import type { SortColumn } from '../../core/shareState';
import type { LabelGuess } from '../../core/latentLabel';
import type { LatentRow } from '../../engine/api';
import { chipGlyphs } from '../tokenText';
import { count, measure, percent } from '../numberText';
import { useActions, useFacts } from '../storeContext';
import { guessText, scoreSentence, scoreText } from './guessText';

type Column = { id: SortColumn; title: string; wideOnly?: boolean };

const COLUMNS: readonly Column[] = [
  { id: 'index', title: 'Index' },
  { id: 'density', title: 'Density' },
  { id: 'maxact', title: 'Max act' },
  { id: 'meanact', title: 'Mean act', wideOnly: true },
  { id: 'fires', title: 'Fires', wideOnly: true },
  { id: 'token', title: 'Top token' },
];
/** Not sorted by: a guess is no measure. */
const GUESS_TITLE = 'Guess';

const ROW_HEIGHT = 34;
const TOUCH_ROW_HEIGHT = 44;
const HEAD_HEIGHT = 33;

export function LatentTable({ rows }: { rows: readonly LatentRow[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const latentIndex = useFacts((facts) => facts.explore.latentIndex);
  const guesses = useFacts((facts) => facts.explore.guesses);
  const { selectLatent, walk } = useActions();
  const rowHeight = isTouch() ? TOUCH_ROW_HEIGHT : ROW_HEIGHT;
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is compiled by React Compiler
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    // The head sticks to the top of the scroller, over the rows.
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const selectedAt = rows.findIndex((row) => row.latentIndex === latentIndex);
  useEffect(() => {
    if (selectedAt >= 0) virtual.scrollToIndex(selectedAt, { align: 'auto' });
  }, [selectedAt, virtual]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    walk(event.key === 'ArrowDown' ? 1 : -1);
  }
  return (
    <div
      ref={scroller}
      className={guesses === null ? 'grid-scroll' : 'grid-scroll with-guess'}
      role="grid"
      aria-label="Features"
      aria-rowcount={rows.length + 1}
      aria-colcount={COLUMNS.length + Number(guesses !== null)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <HeadRow hasGuess={guesses !== null} />
      <div className="grid-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <Row
              key={row.latentIndex}
              row={row}
              guess={guesses?.[row.latentIndex]}
              at={item.index}
              top={item.start - HEAD_HEIGHT}
              height={rowHeight}
              isSelected={row.latentIndex === latentIndex}
              onOpen={selectLatent}
            />
          );
        })}
      </div>
    </div>
  );
}

function HeadRow({ hasGuess }: { hasGuess: boolean }) {
  const sort = useFacts((facts) => facts.explore.sort);
  const { sortBy } = useActions();
  return (
    <div role="rowgroup" className="grid-head">
      <div className="grid-row" role="row" aria-rowindex={1}>
        {COLUMNS.map((column) => {
          const isSorted = sort.column === column.id;
          const direction = sort.descending ? 'descending' : 'ascending';
          return (
            <div
              key={column.id}
              role="columnheader"
              className={column.wideOnly === true ? 'wide-only' : ''}
              aria-sort={isSorted ? direction : 'none'}
            >
              <button type="button" className="sort-button" onClick={() => sortBy(column.id)}>
                {column.title}
                {isSorted && <span aria-hidden="true">{sort.descending ? ' ↓' : ' ↑'}</span>}
              </button>
            </div>
          );
        })}
        {hasGuess && (
          <div role="columnheader" className="guess-cell wide-only">
            {GUESS_TITLE}
          </div>
        )}
      </div>
    </div>
  );
}

type RowProps = {
  row: LatentRow;
  /** undefined: none were made */
  guess: LabelGuess | undefined;
  at: number;
  top: number;
  height: number;
  isSelected: boolean;
  onOpen: (latentIndex: number) => void;
};

const Row = memo(function Row({ row, guess, at, top, height, isSelected, onOpen }: RowProps) {
  const isDead = row.fireCount === 0;
  return (
    <div
      role="row"
      className={isDead ? 'grid-row dead' : 'grid-row'}
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      tabIndex={-1}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.latentIndex)}
    >
      <div role="gridcell">{row.latentIndex}</div>
      <div role="gridcell" title={String(row.density)}>
        {isDead ? 'dead' : percent(row.density)}
      </div>
      <div role="gridcell" title={String(row.maxAct)}>
        {isDead ? '–' : measure(row.maxAct)}
      </div>
      <div role="gridcell" className="wide-only" title={String(row.meanAct)}>
        {isDead ? '–' : measure(row.meanAct)}
      </div>
      <div role="gridcell" className="wide-only" title={count(row.fireCount)}>
        {measure(row.fireCount)}
      </div>
      <div role="gridcell" className="mono">
        {row.topToken === null ? '–' : chipGlyphs(row.topToken)}
      </div>
      {guess !== undefined && (
        <div role="gridcell" className="guess-cell wide-only" title={scoreSentence(guess)}>
          {guess.text === null ? '–' : `${guessText(guess)} (${scoreText(guess.score)})`}
        </div>
      )}
    </div>
  );
});

function isTouch(): boolean {
  return typeof window.matchMedia === 'function' && window.matchMedia('(pointer: coarse)').matches;
}
