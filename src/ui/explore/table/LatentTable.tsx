// The latents as a virtual grid: only visible rows are in the document. Arrows, Home, End and the page keys
// move a cursor, Enter or a click opens. The store sorts and filters.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import { rowNotes } from '../../../store/statistics/rowNotes';
import { hasBirths } from '../../../store/explore/exploreSelectors';
import { textValues } from '../../../store/explore/textValues';
import { useActions, useAppState } from '../../storeContext';
import { tableColumns, type CellFacts, type TableColumn } from './tableColumns';
import { classNames } from '../../parts/look/classNames';
import screenStyles from '../ExploreScreen.module.css';
import styles from './LatentTable.module.css';

/** Columns that look unlike the others. */
const COLUMN_STYLES: Readonly<Record<string, string | undefined>> = {
  token: styles.token,
  index: styles.index,
  starred: styles.starred,
};

const ROW_HEIGHT = 34;
const TOUCH_ROW_HEIGHT = 44;
const HEAD_HEIGHT = 33;

export function LatentTable({ rows }: { rows: readonly LatentRow[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const actions = useActions();
  const facts = useCellFacts();
  const { found, guesses } = facts;
  const isBirthKnown = useAppState(hasBirths);
  const columns = useMemo(
    () => tableColumns({ found, guesses }, isBirthKnown),
    [found, guesses, isBirthKnown],
  );
  const template = columns.map((column) => column.width).join(' ');
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
  const selectedAt = useMemo(
    () => rows.findIndex((row) => row.latentIndex === latentIndex),
    [rows, latentIndex],
  );
  useEffect(() => {
    if (selectedAt >= 0) virtual.scrollToIndex(selectedAt, { align: 'auto' });
  }, [selectedAt, virtual]);

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
    virtual.scrollToIndex(at, { align: 'auto' });
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
      className={classNames(screenStyles.scroll, styles.grid)}
      role="grid"
      aria-label="Features"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active === undefined ? undefined : rowId(active.latentIndex)}
      tabIndex={0}
      style={{ '--columns': template } as React.CSSProperties}
      onKeyDown={onKeyDown}
    >
      <HeadRow columns={columns} />
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
              top={item.start - HEAD_HEIGHT}
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

function HeadRow({ columns }: { columns: readonly TableColumn[] }) {
  const sort = useAppState((state) => state.explore.sort);
  const thenBy = useAppState((state) => state.explore.thenBy);
  return (
    <div role="rowgroup" className={styles.head}>
      <div className={styles.row} role="row" aria-rowindex={1}>
        {columns.map((column) => {
          const place = sort.column === column.id ? 1 : thenBy?.column === column.id ? 2 : 0;
          const key = place === 1 ? sort : thenBy;
          const isDescending = key?.descending === true;
          return (
            <div
              key={column.id}
              role="columnheader"
              className={cellClass(column)}
              aria-sort={place === 0 ? 'none' : isDescending ? 'descending' : 'ascending'}
            >
              <HeadTitle column={column} place={place} isDescending={isDescending} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

type HeadTitleProps = { column: TableColumn; place: number; isDescending: boolean };

/** place: 1 or 2 among the sort keys; 0: not a sort key. */
function HeadTitle({ column, place, isDescending }: HeadTitleProps) {
  const hasSecond = useAppState((state) => state.explore.thenBy !== null);
  const actions = useActions();
  const { id, title, help } = column;
  if (id === 'guess') {
    return (
      <span className={styles.unsorted} title={help}>
        {title}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={styles.sort}
      title={`${help}. Click sorts, Shift and click sorts equals of the first.`}
      onClick={(event) => actions.explore.table.sortBy(id, event.shiftKey)}
    >
      {title}
      {place > 0 && (
        <span aria-hidden="true">
          {isDescending ? ' ↓' : ' ↑'}
          {hasSecond && <sub>{place}</sub>}
        </span>
      )}
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

function isTouch(): boolean {
  return typeof window.matchMedia === 'function' && window.matchMedia('(pointer: coarse)').matches;
}
