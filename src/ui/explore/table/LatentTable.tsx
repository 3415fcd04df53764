// The latents as a virtual grid: only visible rows are in the document. Arrows, Home, End and the page keys
// move a cursor, Enter or a click opens. The store sorts and filters.
import { statisticsUnit } from '../../../store/sae/saeSelectors';
import { memo, useCallback, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import { rowNotes } from '../../../store/statistics/rowNotes';
import { hasBirths } from '../../../store/explore/exploreSelectors';
import { useMedia } from '../../hooks/useMedia';
import { useVirtualLines } from '../../hooks/useVirtualLines';
import { useListPlace } from '../list/useListPlace';
import { HeadBrush } from './HeadBrush';
import { textValues } from '../../../store/explore/textValues';
import { useActions, useAppState } from '../../storeContext';
import { brushOf, tableColumns, type CellFacts, type TableColumn } from './tableColumns';
import { classNames } from '../../parts/look/classNames';
import styles from './LatentTable.module.css';

/** Columns that look unlike the others. */
const COLUMN_STYLES: Readonly<Record<string, string | undefined>> = {
  fireson: styles.token,
  token: styles.token,
  index: styles.index,
  starred: styles.starred,
};

const ROW_HEIGHT = 34;
/** px on each side, as in LatentTable.module.css */
const ROW_PADDING = 12;
const TOUCH_ROW_HEIGHT = 44;
const HEAD_HEIGHT = 35;
const TOUCH_HEAD_HEIGHT = 28;

export function LatentTable({ rows }: { rows: readonly LatentRow[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const actions = useActions();
  const facts = useCellFacts();
  const isTextSearched = facts.found !== null;
  const isBirthKnown = useAppState(hasBirths);
  const extra = useAppState((state) => state.explore.columns);
  const unit = useAppState(statisticsUnit);
  const isNarrow = useMedia('(max-width: 639px)');
  const columns = useMemo(
    () => tableColumns({ isNarrow, isTextSearched, hasBirths: isBirthKnown, extra, unit }),
    [isNarrow, isTextSearched, isBirthKnown, extra, unit],
  );
  const isTouch = useMedia('(pointer: coarse), (max-width: 639px)');
  const rowHeight = isTouch ? TOUCH_ROW_HEIGHT : ROW_HEIGHT;
  const headHeight = isTouch ? TOUCH_HEAD_HEIGHT : HEAD_HEIGHT;
  const virtual = useVirtualLines({
    scroller,
    count: rows.length,
    height: rowHeight,
    overscan: 8,
    head: headHeight,
  });
  const showAt = (at: number) => virtual.scrollToIndex(at, { align: 'auto' });
  const focusOn = (index: number) => {
    setCursor(index);
    scroller.current?.focus({ preventScroll: true });
  };
  useListPlace({ rows, scroller, showAt, focusOn });

  // The cursor is a latent, not a position: it stays with the latent when the order changes.
  const [cursor, setCursor] = useState<number | null>(null);
  const cursorAt = useMemo(
    () => rows.findIndex((row) => row.latentIndex === (cursor ?? latentIndex)),
    [rows, cursor, latentIndex],
  );
  const open = useCallback(
    (index: number) => {
      setCursor(index);
      actions.explore.selectLatent(index);
    },
    [actions],
  );
  function moveTo(wanted: number) {
    const at = Math.max(0, Math.min(rows.length - 1, wanted));
    setCursor(rows[at]?.latentIndex ?? null);
    showAt(at);
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const wanted = placeAfter(event.key, cursorAt, page, rows.length);
    const here = rows[cursorAt];
    if (wanted !== null) moveTo(wanted);
    else if (event.key === 'Enter' && here !== undefined)
      actions.explore.selectLatent(here.latentIndex);
    else return;
    event.preventDefault();
  }
  const items = virtual.getVirtualItems();
  // An invisible row is not in the document, so it must not be referenced.
  const active = items.some((item) => item.index === cursorAt) ? rows[cursorAt] : undefined;
  return (
    <div
      ref={scroller}
      className={styles.grid}
      role="grid"
      aria-label="Features"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active === undefined ? undefined : rowId(active.latentIndex)}
      tabIndex={0}
      style={gridStyle(columns, headHeight)}
      onKeyDown={onKeyDown}
    >
      <HeadRow columns={columns} isTouch={isTouch} />
      <div className={styles.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <Row
              key={row.latentIndex}
              row={row}
              columns={columns}
              facts={facts}
              at={item.index}
              top={item.start - headHeight}
              height={rowHeight}
              isSelected={row.latentIndex === latentIndex}
              isCursor={item.index === cursorAt}
              onOpen={open}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Columns and width are given once, so that every row has the same ones as the head, whatever stands in it. */
function gridStyle(columns: readonly TableColumn[], headHeight: number): React.CSSProperties {
  const tracks = columns.map(({ width, grows }) =>
    grows === undefined ? `${width}px` : `minmax(${width}px, ${grows}fr)`,
  );
  const least = columns.reduce((sum, { width }) => sum + width, 0) + 2 * ROW_PADDING;
  return {
    '--columns': tracks.join(' '),
    '--least-width': `${least}px`,
    '--head-height': `${headHeight}px`,
  } as React.CSSProperties;
}

/** The same object as long as its content is equal, so that rows do not render again. */
function useCellFacts(): CellFacts {
  const notes = useAppState((state) => rowNotes(state.statistics.notes.byLatent));
  const found = useAppState(({ explore: { filter, textSearch, rows } }) =>
    filter.inText && rows.status === 'ready' ? textValues(textSearch, rows.value) : null,
  );
  const guesses = useAppState((state) => state.statistics.labels.guesses);
  return useMemo(() => ({ notes, found, guesses }), [notes, found, guesses]);
}

/** The cursor's new position for a key; null for other keys. */
function placeAfter(key: string, at: number, page: number, rows: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return at + 1;
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + page;
    case 'PageUp':
      return at - page;
    case 'Home':
      return 0;
    case 'End':
      return rows - 1;
    default:
      return null;
  }
}

function rowId(latentIndex: number): string {
  return `latent-row-${latentIndex}`;
}

function HeadRow({ columns, isTouch }: { columns: readonly TableColumn[]; isTouch: boolean }) {
  const sort = useAppState((state) => state.explore.sort);
  const thenBy = useAppState((state) => state.explore.thenBy);
  // The second key explains nothing beside a first one that is not in sight.
  const hasFirst = columns.some(({ id }) => id === sort.column);
  return (
    <div role="rowgroup" className={styles.head}>
      <div className={styles.row} role="row" aria-rowindex={1}>
        {columns.map((column) => {
          const isSecond = hasFirst && thenBy?.column === column.id;
          const place = sort.column === column.id ? 1 : isSecond ? 2 : 0;
          const key = place === 1 ? sort : thenBy;
          const isDescending = key?.descending === true;
          const brush = isTouch ? null : brushOf(column);
          return (
            <div
              key={column.id}
              role="columnheader"
              className={cellClass(column)}
              aria-sort={place === 0 ? 'none' : isDescending ? 'descending' : 'ascending'}
            >
              <HeadTitle
                column={column}
                place={place}
                isDescending={isDescending}
                isTouch={isTouch}
              />
              {brush !== null && <HeadBrush brushed={brush} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

type HeadTitleProps = {
  column: TableColumn;
  place: number;
  isDescending: boolean;
  isTouch: boolean;
};

/** place: 1 or 2 among the sort keys; 0: not a sort key. */
function HeadTitle({ column, place, isDescending, isTouch }: HeadTitleProps) {
  const hasSecond = useAppState((state) => state.explore.thenBy !== null);
  const actions = useActions();
  const { id, title, help } = column;
  const face = (
    <>
      {title}
      {place > 0 && (
        <span aria-hidden="true">
          {isDescending ? ' ↓' : ' ↑'}
          {hasSecond && <sub>{place}</sub>}
        </span>
      )}
    </>
  );
  // A head as high as a finger needs would push the rows down; the menu beside the search sorts too.
  if (isTouch) return <span className={styles.title}>{face}</span>;
  return (
    <button
      type="button"
      className={classNames(styles.title, styles.sort)}
      title={`${help}. Click sorts, Shift and click sorts equals of the first.`}
      onClick={(event) => actions.explore.table.sortBy(id, event.shiftKey)}
    >
      {face}
    </button>
  );
}

type RowProps = {
  row: LatentRow;
  columns: readonly TableColumn[];
  facts: CellFacts;
  at: number;
  top: number;
  height: number;
  isSelected: boolean;
  isCursor: boolean;
  onOpen: (latentIndex: number) => void;
};

const Row = memo(function Row({
  row,
  columns,
  facts,
  at,
  top,
  height,
  isSelected,
  isCursor,
  onOpen,
}: RowProps) {
  return (
    <div
      role="row"
      id={rowId(row.latentIndex)}
      className={classNames(
        styles.row,
        row.fireCount === 0 && styles.dead,
        isCursor && styles.cursor,
      )}
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.latentIndex)}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={cellClass(column)}
          title={column.full?.(row, facts) ?? undefined}
        >
          {column.cell(row, facts)}
        </div>
      ))}
    </div>
  );
});

function cellClass(column: TableColumn): string {
  return classNames(COLUMN_STYLES[column.id], column.isText === true && styles.text);
}
