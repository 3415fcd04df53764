// The list of features as cards: a virtual grid, so that only visible cards are in the document. Tab stops at one card;
// arrows, Home, End and the page keys move between them.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { LatentRow } from '../../../engine/statistics/api';
import { useMedia } from '../../hooks/useMedia';
import { useVirtualLines } from '../../hooks/useVirtualLines';
import { useWidth } from '../../hooks/useWidth';
import { FeatureCardOf } from '../../parts/feature/FeatureCardOf';
import { useActions, useAppState } from '../../storeContext';
import { useListPlace } from './useListPlace';
import styles from './CardGrid.module.css';

/** Of the card, px: FeatureCard.module.css gives it a foot of its own where nothing hovers. */
const CARD_HEIGHT = 152;
const TOUCH_CARD_HEIGHT = 196;
const LEAST_WIDTH = 250;
const GAP = 12;

export function CardGrid({ saeId, rows }: { saeId: string; rows: readonly LatentRow[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLUListElement>(null);
  const width = useWidth(inside);
  const isTouch = useMedia('(hover: none), (pointer: coarse), (max-width: 639px)');
  const latentIndex = useAppState((state) => state.explore.latentIndex);
  const actions = useActions();
  const columns = Math.max(1, Math.floor((width + GAP) / (LEAST_WIDTH + GAP)));
  const lines = Math.ceil(rows.length / columns);
  const height = isTouch ? TOUCH_CARD_HEIGHT : CARD_HEIGHT;
  const virtual = useVirtualLines({ scroller, count: lines, height, gap: GAP, overscan: 2 });
  const showAt = (at: number) => virtual.scrollToIndex(Math.floor(at / columns), { align: 'auto' });
  const focusOn = (index: number) => focusCard(scroller.current, index);
  useListPlace({ rows, scroller, showAt, focusOn });
  const openAt = rows.findIndex((row) => row.latentIndex === latentIndex);
  const placed = useRef({ columns, openAt });
  useEffect(() => {
    // Beside an open feature there is room for fewer columns: its card stays in sight.
    if (placed.current.columns !== columns && openAt >= 0) {
      virtual.scrollToIndex(Math.floor(openAt / columns), { align: 'auto' });
    }
    placed.current = { columns, openAt };
  }, [virtual, columns, openAt]);

  // The cursor is a latent, not a position: it stays with the latent when the order changes.
  const [cursor, setCursor] = useState<number | null>(null);
  const found = rows.findIndex((row) => row.latentIndex === (cursor ?? latentIndex));
  const cursorAt = Math.max(0, found);
  // Who scrolled away from it and presses Tab lands on what is in sight.
  const drawn = virtual.getVirtualItems();
  const cursorLine = Math.floor(cursorAt / columns);
  const isDrawn = drawn.some(({ index }) => index === cursorLine);
  const tabStop = isDrawn ? cursorAt : columns * (virtual.range?.startIndex ?? 0);
  function onKeyDown(event: KeyboardEvent) {
    const page =
      columns * Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / (height + GAP)));
    const by: Record<string, number | undefined> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const step = by[event.key];
    if (step === undefined || event.target instanceof HTMLInputElement) return;
    const next = rows[Math.max(0, Math.min(rows.length - 1, cursorAt + step))];
    if (next === undefined) return;
    event.preventDefault();
    setCursor(next.latentIndex);
    showAt(rows.indexOf(next));
    focusOn(next.latentIndex);
  }
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul
        ref={inside}
        className={styles.grid}
        aria-label="Features"
        style={{ height: virtual.getTotalSize(), '--across': columns } as React.CSSProperties}
        onKeyDown={onKeyDown}
      >
        {drawn.flatMap(({ index: line, start }) =>
          rows.slice(line * columns, (line + 1) * columns).map((row, across) => (
            <li
              key={row.latentIndex}
              className={styles.cell}
              style={
                { height, '--place': across, translate: `0 ${start}px` } as React.CSSProperties
              }
              onFocus={() => setCursor(row.latentIndex)}
            >
              <FeatureCardOf
                saeId={saeId}
                latentIndex={row.latentIndex}
                isChosen={row.latentIndex === latentIndex}
                isTabStop={line * columns + across === tabStop}
                onOpen={() => actions.explore.selectLatent(row.latentIndex)}
              />
            </li>
          )),
        )}
      </ul>
    </div>
  );
}

/** Focuses a feature's card, once it is drawn. */
function focusCard(list: HTMLElement | null, latentIndex: number): void {
  requestAnimationFrame(() => {
    const card = list?.querySelector<HTMLElement>(`[data-feature="${latentIndex}"] button`);
    card?.focus({ preventScroll: true });
  });
}
